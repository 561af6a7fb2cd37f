import type { Schema } from '../contracts/schema.ts';
import type { SourceRecord } from '../contracts/types.ts';
import type { Detection } from '../detections/detection.ts';
import { documentLint, lintMappings, type Problem } from '../mapping/lint/index.ts';
import { loadMappings } from '../mapping/load.ts';
import { sampleRecords } from './samples.ts';
import type { Transform } from './transform.ts';

/** A row with the members that only our own API source adds. */
const FROM_API: SourceRecord = {
  text: JSON.stringify({
    id: 'Reverse-Shell',
    stepsecurity_siem: { change: { from: 'new', to: 'resolved', counter: 1 }, run: {} },
  }),
  origin: { source: 'sample', uri: 'sample', rows: true },
  offset: 0,
};

export interface OwnMappings {
  /** Problems in the files themselves. */
  readonly problems: readonly Problem[];
  /** Problems in the documents of a detection. */
  readonly look: ReturnType<typeof documentLint>;
}

/** Lints the operator's own mappings as the package's tests lint ours; undefined when there are none. */
export function lintOwnMappings(
  path: string | undefined,
  schema: Schema,
  { decode }: Pick<Transform, 'decode'>,
): OwnMappings | undefined {
  if (path === undefined) return undefined;
  const mappings = loadMappings(path);
  if (mappings.own.length === 0) return undefined;
  return {
    problems: lintMappings(mappings, detectionsOf(decode)),
    look: documentLint(mappings, schema),
  };
}

function detectionsOf(decode: Transform['decode']): Detection[] {
  return [...decode([...sampleRecords(), FROM_API], Date.now())].flatMap(({ entries }) =>
    [...entries].flatMap((entry) => ('detection' in entry ? [entry.detection] : [])),
  );
}

/** Each problem once, formatted for people. */
export function tellProblems(problems: readonly Problem[]): string[] {
  const place = ({ path, line }: Problem): string => (line === undefined ? path : `${path}:${line}`);
  return [...new Set(problems.map((one) => `${place(one)}: ${one.problem}`))];
}
