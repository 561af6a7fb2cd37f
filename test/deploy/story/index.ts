import type { SourceRecord } from '../../../src/contracts/types.ts';
import type { Detection } from '../../../src/detections/detection.ts';
import { createRuns } from '../../../src/detections/runs.ts';
import { decodeRecords, originFrom } from '../../mapping/samples.ts';
import { runDetails } from './payloads.ts';
import { ACTS, type Act } from './story.ts';

/** When the analyst looks: on the Monday after. */
export const NOW = Date.parse('2026-03-16T12:00Z') / 1_000;

/** A detection of the story as it was read, and when it was indexed, in epoch seconds. */
export interface Told {
  readonly name: string;
  readonly detection: Detection;
  readonly indexed: number;
}

/** All detections of the story, as the program decodes them. */
export function tell(acts: readonly Act[] = ACTS): Told[] {
  const runs = createRuns(100);
  const read = (record: SourceRecord, receivedMs: number): Detection[] =>
    [...decodeRecords([record], receivedMs, { runs })].flatMap(({ entries }) =>
      [...entries].flatMap((entry) => ('detection' in entry ? [entry.detection] : [])),
    );
  for (const [repo, run, login] of [
    ['payments', '7001', 'octocat'],
    ['payments', '7004', 'octocat'],
  ] as const)
    read(recordOf('file', runDetails(repo, run, login)), 0);
  return acts.flatMap(({ name, payload: { at, ...payload }, delay = 5, copies = 1 }) => {
    // A change has no time of its own: its time is when it was read.
    const time = typeof at === 'string' ? Date.parse(at) : timeOf(payload);
    const source = 'stepsecurity_siem' in payload ? 'api' : 'file';
    const [detection] = read(recordOf(source, payload), time);
    if (detection === undefined) throw new Error(`no detection: ${name}`);
    const told = { name, detection, indexed: time / 1_000 + delay * 60 };
    return Array.from({ length: copies }, () => told);
  });
}

function timeOf(payload: Readonly<Record<string, unknown>>): number {
  const given = payload.timestamp ?? payload.incident_start_time;
  return /^\d+$/.test(String(given)) ? Number(given) * 1_000 : Date.parse(String(given));
}

function recordOf(source: string, payload: object): SourceRecord {
  return { text: JSON.stringify(payload), origin: { ...originFrom(source), uri: 'story' }, offset: 0 };
}
