import type { Schema } from '../../../src/contracts/schema.ts';
import type { Detection } from '../../../src/detections/detection.ts';
import type { CommonFile, KindFile } from '../../../src/mapping/files.ts';
import type { Fields, Rule } from '../../../src/mapping/language.ts';
import { compileReason } from '../../../src/mapping/reason.ts';
import { createWriters } from '../../../src/mapping/writer/index.ts';

/** The rules of each schema in a kind's file, and those of all kinds in `_common.yaml`. */
export const RULES: {
  readonly [Name in Schema]: {
    readonly kind: (file: KindFile) => Fields[];
    readonly common: (file: CommonFile) => Fields[];
  };
} = {
  ecs: { kind: ({ ecs }) => [ecs], common: ({ ecs }) => [ecs] },
  cim: {
    kind: ({ cim }) => [cim.fields, cim.activity?.fields ?? {}],
    common: ({ cim }) => [cim.fields, cim.activity, cim.change],
  },
};

/** Whether the rule gives a value for a detection. */
function speaks(rule: Rule): (detection: Detection) => boolean {
  const write = createWriters().compile({ field: rule });
  return (detection) => write(detection).length > '{}'.length;
}

/** The parts of a rule that can each supply the value: alternatives, table entries, the default. */
function partsOf(rule: Rule): { name: string; isUsed: (detection: Detection) => boolean }[] {
  if (typeof rule !== 'object' || Array.isArray(rule)) {
    return [{ name: '', isUsed: speaks(rule) }];
  }
  const { default: fallback, map, ...rest } = rule;
  const table = map === undefined ? {} : { map };
  const paths = Array.isArray(rule.from) ? rule.from : [rule.from];
  const alternatives = paths.map((from, at) => {
    const before = paths.slice(0, at).map((path) => speaks({ ...rest, ...table, from: path }));
    const own = speaks({ ...rest, ...table, from });
    return {
      name: ` ${from}`,
      isUsed: (detection: Detection) => !before.some((one) => one(detection)) && own(detection),
    };
  });
  const entries = Object.entries(map ?? {}).map(([key, to]) => ({
    name: ` ${key} →`,
    isUsed: speaks({ ...rest, map: { [key]: to } }),
  }));
  if (fallback === undefined) return [...alternatives, ...entries];
  const named = speaks({ ...rest, ...table });
  return [...alternatives, ...entries, { name: ' default', isUsed: (detection) => !named(detection) }];
}

/** The rules, and parts of rules, that no detection uses. */
export function unexercised(fields: Fields, detections: readonly Detection[]): string[] {
  return Object.entries(fields).flatMap(([field, rule]) =>
    partsOf(rule)
      .filter(({ isUsed }) => !detections.some(isUsed))
      .map(({ name }) => field + name),
  );
}

/** The reasons that are never chosen. */
export function unspoken(sentences: readonly string[], detections: readonly Detection[]): string[] {
  return sentences.filter((sentence, at) => {
    const before = compileReason(sentences.slice(0, at));
    const own = compileReason([sentence]);
    return !detections.some((detection) => before(detection) === undefined && own(detection) !== undefined);
  });
}
