import type { Detection } from '../detections/detection.ts';
import type { CommonFacts, KindFacts } from './facts.ts';
import { type Getter, getter } from './path.ts';
import { scalarText } from './scalar.ts';
import type { Extra } from './writer/index.ts';

/** ECS does not index keywords longer than this. */
const MAX_LENGTH = 1_024;

/** Splits a sentence so that every second part is a path. */
const PATHS = /\{([^}]+)\}/;

interface Sentence {
  readonly texts: readonly string[];
  readonly gets: readonly Getter[];
}

/** `[called|tried to call]`: what it did, and what it tried to do if it was stopped. */
const CHOICE = /\[([^[|\]]*)\|([^[|\]]*)\]/g;

interface Sentences {
  readonly common: CommonFacts;
  readonly unknown: KindFacts;
  readonly kinds: readonly KindFacts[];
}

/** The sentence for a detection, by its kind, or for a change of its state. */
export function reasonOf({ kinds, unknown, common }: Sentences): Extra {
  const reasons = new Map(
    [...kinds, unknown].map((file) => [file.detection, compileReason([...file.reason, ...common.reason])]),
  );
  const changeReason = compileReason(common.change_reason);
  const beginning = compileReason([common.stopped]);
  const ending = compileReason(common.program);
  return {
    text: (detection) => {
      if (detection.change !== undefined) return changeReason(detection);
      const text = reasons.get(detection.profile.kind)?.(detection);
      if (text === undefined) return undefined;
      const start = detection.stopped_by === undefined ? undefined : beginning(detection);
      const end =
        detection.tool === undefined || detection.process !== undefined ? undefined : ending(detection);
      return start === undefined && end === undefined ? text : cut(`${start ?? ''}${text}${end ?? ''}`);
    },
  };
}

/**
 * Compiles sentences with `{path}`: uses the first whose paths are all present, cut to the length that ECS indexes.
 * In `[did|tried to do]`, the second form is used if the act was blocked.
 */
export function compileReason(sentences: readonly string[]): (detection: Detection) => string | undefined {
  const happened = sentences.map((sentence) => compileSentence(sentence.replaceAll(CHOICE, '$1')));
  const stopped = sentences.map((sentence) => compileSentence(sentence.replaceAll(CHOICE, '$2')));
  return (detection) => {
    for (const sentence of detection.action === 'blocked' ? stopped : happened) {
      const text = fill(sentence, detection);
      if (text !== undefined) return cut(text);
    }
    return undefined;
  };
}

function cut(text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text;
}

/** The paths that sentences name. */
export function pathsIn(sentences: readonly string[]): string[] {
  return sentences.flatMap((sentence) => sentence.split(PATHS).filter((_, at) => at % 2 === 1));
}

function compileSentence(sentence: string): Sentence {
  const parts = sentence.split(PATHS);
  return {
    texts: parts.filter((_, at) => at % 2 === 0),
    gets: parts.filter((_, at) => at % 2 === 1).map(getter),
  };
}

function fill({ texts, gets }: Sentence, detection: Detection): string | undefined {
  let out = texts[0] ?? '';
  for (let at = 0; at < gets.length; at += 1) {
    const value = scalarText(gets[at]?.(detection));
    if (value === undefined || value === '') return undefined;
    out += value + (texts[at + 1] ?? '');
  }
  return out;
}
