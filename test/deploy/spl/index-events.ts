import type { Heartbeat } from '../../../src/contracts/heartbeat.ts';
import type { JsonObject } from '../../../src/contracts/types.ts';
import type { CimProfile } from '../../../src/mapping/schemas/cim/profile.ts';
import type { Connection } from '../../../src/sinks/splunk-hec/connection.ts';
import { bodyOf, createEnvelope } from '../../../src/sinks/splunk-hec/envelope.ts';
import { createHeartbeat } from '../../../src/sinks/splunk-hec/heartbeat.ts';
import { SOURCETYPE, type SplunkHecOptions } from '../../../src/sinks/splunk-hec/options.ts';
import { mapperOf } from '../../mapping/documents.ts';
import type { Told } from '../story/index.ts';
import type { Indexed } from './fields.ts';

/** What the sink sends: one event for the HTTP Event Collector. */
interface Sent {
  readonly time: number;
  readonly host: string;
  readonly source: string;
  readonly sourcetype: string;
  readonly index: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly event: JsonObject;
}

const envelope = createEnvelope(
  { host: 'siem', sourcetype: SOURCETYPE, index: 'stepsecurity', source: undefined },
  'api',
);

/** The indexed events of detections, as the sink sends them. */
export function indexedOf(told: readonly Told[], cimProfile: CimProfile = 'best_fit'): Indexed[] {
  const map = mapperOf({ schema: 'cim', cimProfile });
  return told.flatMap(({ detection, indexed }) =>
    map(detection).map((document) => arrived(bodyOf([envelope(document)]).toString(), indexed)),
  );
}

/** The indexed events of heartbeats, sent by the same code as in a run. */
export async function indexedBeats(beats: readonly Heartbeat[]): Promise<Indexed[]> {
  const bodies: string[] = [];
  const connection = {
    endpoint: { url: String, token: 't', channelHeader: {} },
    transport: async ({ body }: { body: Buffer }) => {
      bodies.push(String(body));
      return { status: 200, json: { text: 'Success', code: 0 } };
    },
  } as unknown as Connection;
  const options = { heartbeat: true, index: 'stepsecurity' } as SplunkHecOptions;
  const { heartbeat } = createHeartbeat(connection, options, 'splunk_hec');
  for (const beat of beats) await heartbeat?.(beat, new AbortController().signal);
  return bodies.map((body) => arrived(body, 0));
}

function arrived(text: string, indexed: number): Indexed {
  const { time, fields = {}, ...sent } = JSON.parse(text) as Sent;
  return { ...sent, time, fields, indexed: indexed === 0 ? time : indexed };
}
