import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Heartbeat } from '../../src/contracts/heartbeat.ts';
import type { JsonObject } from '../../src/contracts/types.ts';
import { documentOf } from '../../src/sinks/elasticsearch/heartbeat.ts';
import { mapperOf } from '../mapping/documents.ts';
import { decodeRecords, originFrom } from '../mapping/samples.ts';

/** A document of the scenario, under the name that the expected numbers use for it. */
export interface Written {
  readonly name: string;
  readonly stream: (namespace: string) => string;
  readonly body: JsonObject;
}

interface Told {
  readonly name: string;
  readonly at: string;
  readonly rows?: boolean;
  /** As in a backfill with `--quiet-alerts`. */
  readonly quiet?: boolean;
  readonly payload: JsonObject;
}

interface Beat extends Readonly<Record<string, unknown>> {
  readonly at: string;
  readonly configuration: string;
}

/** The feed reads it a minute after the event. */
const DELAY_MS = 60_000;

function read(file: string): unknown {
  return parse(readFileSync(join(import.meta.dirname, 'scenario', file), 'utf8'), {
    merge: true,
    maxAliasCount: -1,
  });
}

/** The detections of the scenario, through the program's own decoder and mapper. */
export function scenarioDetections(): Written[] {
  const { detections } = read('detections.yaml') as { readonly detections: readonly Told[] };
  return detections.map(({ name, at, rows = false, quiet = false, payload }) => {
    const time = Date.parse(at);
    const text = JSON.stringify({ timestamp: String(time / 1_000), ...payload });
    const origin = { ...originFrom(rows ? 'api' : 'file'), uri: 'scenario' };
    const entries = [...decodeRecords([{ text, origin, offset: 0 }], rows ? time : time + DELAY_MS)].flatMap(
      (record) => [...record.entries],
    );
    const [entry] = entries;
    if (entries.length !== 1 || entry === undefined || !('detection' in entry))
      throw new Error(`${name}: ${JSON.stringify(entries)}`);
    const [document] = mapperOf({ quiet })(entry.detection);
    if (document === undefined) throw new Error(`${name}: no document`);
    const body = JSON.parse(String(document.json)) as JsonObject;
    return { name, stream: (namespace) => `logs-stepsecurity.${document.dataset}-${namespace}`, body };
  });
}

/** The heartbeats of the scenario, as the sink writes them. */
export function scenarioHeartbeats(): Written[] {
  const { defaults, beats } = read('heartbeats.yaml') as { defaults: object; beats: readonly Beat[] };
  return beats.map((told) => {
    const { at, seconds, exit, lag, unknown_kinds: unknown = {}, ...rest } = { ...defaults, ...told };
    const {
      read: all,
      delivered,
      duplicate,
      dead_lettered,
      ...others
    } = rest as Readonly<Record<string, number>>;
    const finished = Date.parse(at);
    const beat = {
      id: `${told.configuration} ${at}`,
      ...others,
      started: finished - Number(seconds) * 1_000,
      finished,
      exitCode: exit,
      lag,
      counts: { read: all, delivered, duplicate, dead_lettered },
      lists: { unknown_kinds: Object.entries(unknown as object).map(([name, count]) => ({ name, count })) },
    } as unknown as Heartbeat;
    return {
      name: beat.id,
      stream: (namespace) => `metrics-stepsecurity.feed-${namespace}`,
      body: documentOf(beat, 'default'),
    };
  });
}
