import { isIP } from 'node:net';
import type { Detection } from '../../../src/detections/detection.ts';
import { cutTexts } from '../../../src/detections/short-texts.ts';
import type { Rule } from '../../../src/mapping/language.ts';
import { parseTime, toIso } from '../../../src/text/time.ts';
import { tidy, whole } from './text.ts';

/** The value that a rule gives for a detection; undefined for none. */
export function valueOf(rule: Rule, detection: Detection): unknown {
  if (typeof rule === 'string' && rule.startsWith('$')) {
    const path = rule.slice(1);
    if (['payload', 'unmapped', 'failure_data'].includes(path)) return whole(at(detection, path));
    return tidy(read(detection, path));
  }
  if (typeof rule !== 'object' || Array.isArray(rule)) return tidy(rule);
  for (const path of [rule.from].flat()) {
    const value = tidy(looked(converted(read(detection, path), rule.as), rule.map));
    if (value !== undefined) return value;
  }
  return tidy(rule.default);
}

/** The first reason whose paths are all present, up to the length that ECS indexes. */
export function sentenceOf(sentences: readonly string[], detection: Detection): string | undefined {
  for (const sentence of sentences) {
    let missing = false;
    const worded = sentence.replaceAll(/\[([^[\]|]*)\|([^[\]|]*)\]/g, (_, did: string, tried: string) =>
      detection.action === 'blocked' ? tried : did,
    );
    const text = worded.replaceAll(/\{([^}]+)\}/g, (_, path: string) => {
      const value = scalar(at(detection, path)) ?? '';
      missing ||= value === '';
      return value;
    });
    if (!missing) return cutSentence(text);
  }
  return undefined;
}

export function cutSentence(text: string): string {
  return text.length > 1_024 ? `${text.slice(0, 1_023)}…` : text;
}

function at(detection: Detection, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((node, key) => (node as Record<string, unknown> | null | undefined)?.[key], detection);
}

/** From a member of the payload, which may be anything, only what a field can hold. */
function read(detection: Detection, path: string): unknown {
  const value = at(detection, path);
  if (!path.startsWith('payload.')) return value;
  return [value].flat().some((one) => typeof one === 'object') ? undefined : cutTexts(value);
}

function scalar(value: unknown): string | undefined {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;
}

function looked(value: unknown, table: Readonly<Record<string, unknown>> | undefined): unknown {
  if (table === undefined) return value;
  const key = scalar(value) ?? '';
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

type Conversion = Extract<Rule, { from: unknown }>['as'];

function converted(value: unknown, as: Conversion): unknown {
  switch (as) {
    case undefined:
      return value;
    case 'integer': {
      const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
      return Number.isSafeInteger(number) ? number : undefined;
    }
    case 'date': {
      const ms = parseTime(value);
      return ms === undefined ? undefined : toIso(ms);
    }
    case 'ip':
      return typeof value === 'string' && isIP(value) > 0 ? value : undefined;
    case 'lower':
      return typeof value === 'string' ? value.toLowerCase() : undefined;
    case 'list':
      return value === undefined || value === null ? undefined : [value].flat();
    case 'boolean':
      return { true: true, false: false }[scalar(value) ?? ''];
    case 'string':
      return scalar(value);
  }
}
