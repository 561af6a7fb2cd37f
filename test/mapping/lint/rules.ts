import type { Detection } from '../../../src/detections/detection.ts';
import { compileReason } from '../../../src/mapping/reason.ts';
import { compileRule } from '../../../src/mapping/rule.ts';
import type { Fields, Rule } from '../../../src/mapping/schema.ts';

/** The parts of a rule that can each be the one that gives the value: alternatives, table entries, the default. */
function partsOf(rule: Rule): { name: string; isUsed: (detection: Detection) => boolean }[] {
  if (typeof rule !== 'object' || Array.isArray(rule)) {
    const { write } = compileRule(rule);
    return [{ name: '', isUsed: (detection) => write(detection) !== '' }];
  }
  const { default: fallback, map, ...rest } = rule;
  const table = map === undefined ? {} : { map };
  const paths = Array.isArray(rule.from) ? rule.from : [rule.from];
  const alternatives = paths.map((from, at) => {
    const before = paths.slice(0, at).map((path) => compileRule({ ...rest, ...table, from: path }));
    const { write } = compileRule({ ...rest, ...table, from });
    return {
      name: ` ${from}`,
      isUsed: (detection: Detection) =>
        before.every((one) => one.write(detection) === '') && write(detection) !== '',
    };
  });
  const entries = Object.entries(map ?? {}).map(([key, to]) => {
    const { write } = compileRule({ ...rest, map: { [key]: to } });
    return { name: ` ${key} →`, isUsed: (detection: Detection) => write(detection) !== '' };
  });
  if (fallback === undefined) return [...alternatives, ...entries];
  const { write } = compileRule({ ...rest, ...table });
  return [
    ...alternatives,
    ...entries,
    { name: ' default', isUsed: (detection: Detection) => write(detection) === '' },
  ];
}

/** The rules, and the parts of rules, that none of the detections exercises. */
export function unexercised(fields: Fields, detections: readonly Detection[]): string[] {
  return Object.entries(fields).flatMap(([field, rule]) =>
    partsOf(rule)
      .filter(({ isUsed }) => !detections.some(isUsed))
      .map(({ name }) => field + name),
  );
}

/** The sentences that are never the one. */
export function unspoken(sentences: readonly string[], detections: readonly Detection[]): string[] {
  return sentences.filter((sentence, at) => {
    const before = compileReason(sentences.slice(0, at));
    const own = compileReason([sentence]);
    return !detections.some((detection) => before(detection) === undefined && own(detection) !== undefined);
  });
}
