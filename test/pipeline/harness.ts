import type { Batch, Document, Log, Outcome, Sink, SourceRecord } from '../../src/contracts/types.ts';
import { type Burial, createBurial } from '../../src/letters/burial.ts';
import type { DeadLetter } from '../../src/letters/letter.ts';
import { createBugs } from '../../src/pipeline/bugs.ts';
import { type Stages } from '../../src/pipeline/stages.ts';
import { decodeRecords, payloadOf } from '../detections/harness.ts';

export const DELIVERED: Outcome = { fate: 'delivered' };
export { live as never } from '../live.ts';

let made = 0;
export function record(over: Partial<SourceRecord> = {}): SourceRecord {
  made += 1;
  const text = JSON.stringify(payloadOf('Reverse-Shell', { event_id: `e${made}` }));
  return { text, origin: { source: 'file', uri: '/in/a.ndjson', version: '1' }, offset: made, ...over };
}

export function batchOf(records: readonly SourceRecord[], ack: Batch['ack'] = () => undefined): Batch {
  return { records, bytes: records.reduce((sum, { text }) => sum + text.length, 0), ack };
}

export function sinkOf(write: Sink['write']): Sink {
  return { write };
}

/** A burial whose letters a test can read, and whose rests are counted. */
export function burialOf(
  write: (letters: readonly DeadLetter[]) => Promise<void>,
  maxPerRun = Number.POSITIVE_INFINITY,
): Burial {
  return createBurial({
    deadLetters: {
      async write(letters) {
        const all = [...letters];
        await write(all);
        return all.length;
      },
      extend: async () => undefined,
      isExtended: async () => false,
    },
    log: quiet,
    maxPerRun,
  });
}

export const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** One document per detection, delivered. */
export function stagesOf(over: Partial<Stages> = {}): Stages {
  return {
    decode: (records) => decodeRecords(records),
    filter: () => undefined,
    map: (detection) => [documentOf(detection.uid)],
    sink: sinkOf(async (documents) => documents.map(() => DELIVERED)),
    bugs: createBugs(quiet),
    ...over,
  };
}

export function documentOf(uid: string): Document {
  return {
    uid,
    kind: 'Reverse-Shell',
    dataset: 'detection',
    time: 0,
    timeIsReceipt: false,
    json: Buffer.from('{}'),
  };
}
