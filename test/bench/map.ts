import { createHash } from 'node:crypto';
import { defaultShaping } from '../../src/config/shaping.ts';
import type { Document, SourceRecord } from '../../src/contracts/types.ts';
import { createFramer } from '../../src/records/framing.ts';
import { transformOf } from '../../src/session/transform.ts';
import { slices } from '../../src/sinks/elasticsearch/body.ts';
import { detectionsOf } from './decoded.ts';
import { ndjson } from './generate.ts';
import { cpuSeconds, median, report } from './measure.ts';

const YARDSTICK = 20_000;
/** Documents in a batch, so that it is one bulk request. */
const BATCH = 1_100;

/**
 * NDJSON bytes → bulk body bytes on one core: frame, decode, map, assemble; no I/O. Memory is handled as in a run:
 * pages per batch that are freed when it is settled, and the slices that a compressed body is built from.
 */
export function benchMap(count = 100_000, rounds = 7): void {
  const text = ndjson(1, 0, count);
  const bytes = Buffer.from(text);
  benchYardstick(text.split('\n', YARDSTICK), rounds);
  for (const schema of ['ecs', 'cim'] as const) {
    // Compiled once, as in a run; the benchmarks of --help and of the whole program measure start-up.
    const transform = transformOf(defaultShaping(), { schema });
    once(bytes, transform);
    const rates = Array.from({ length: rounds }, () => count / cpuSeconds(() => once(bytes, transform)));
    report(`NDJSON text → ${schema === 'ecs' ? 'bulk body' : 'CIM'} text, one core`, {
      'detections per CPU second': median(rates),
      best: Math.max(...rates),
    });
  }
}

/**
 * The speed limit on this machine for any program that builds documents as objects: parse a record, hash an id, and
 * stringify a document that already exists. It tells a slow machine from a slow program.
 */
function benchYardstick(lines: readonly string[], rounds: number): void {
  const { decode, map } = transformOf(defaultShaping(), { schema: 'ecs' });
  const records = lines.map(
    (text) => ({ text, origin: { source: 'file', uri: 'bench' }, offset: 0 }) satisfies SourceRecord,
  );
  const documents = [...decode(records, Date.now())]
    .flatMap((record) => [...detectionsOf(record)])
    .map((detection) => JSON.parse(map(detection)[0]?.json.toString() ?? '') as unknown);
  const loop = (): void => {
    for (const [at, line] of lines.entries()) {
      const { id, run_id: run } = JSON.parse(line) as { id: string; run_id: string };
      const uid = createHash('sha256').update(`${id} ${run} ${at}`).digest('hex');
      const body = `{"create":{"_id":"${uid}"}}\n${JSON.stringify(documents[at])}\n`;
      if (body.length < line.length) throw new Error('a document is missing');
    }
  };
  loop();
  const rates = Array.from({ length: rounds }, () => lines.length / cpuSeconds(loop));
  report('yardstick: parse, hash, stringify', {
    'records per CPU second': median(rates),
    best: Math.max(...rates),
  });
}

function once(bytes: Buffer, { decode, map, pages }: ReturnType<typeof transformOf>): void {
  const receivedMs = Date.now();
  let records: SourceRecord[] = [];
  let written = 0;
  const send = (): void => {
    const free = pages.open();
    const documents: { document: Document }[] = [];
    for (const { entries } of decode(records, receivedMs)) {
      for (const entry of entries) {
        if (!('detection' in entry)) continue;
        for (const document of map(entry.detection)) documents.push({ document });
      }
    }
    for (const slice of slices(documents)) written += slice.length;
    records = [];
    free();
  };
  const framer = createFramer({
    origin: { source: 'file', uri: 'bench' },
    recordBytes: 2 ** 20,
    emit: (record) => {
      records.push(record);
      if (records.length >= BATCH) send();
    },
  });
  for (let at = 0; at < bytes.length; at += 262_144) framer.push(bytes.subarray(at, at + 262_144));
  framer.end();
  send();
  if (written < bytes.length) throw new Error('documents are missing');
}
