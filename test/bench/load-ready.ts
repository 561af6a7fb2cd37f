import { request } from 'node:http';
import { defaultShaping } from '../../src/config/shaping.ts';
import type { SourceRecord } from '../../src/contracts/types.ts';
import { transformOf } from '../../src/session/transform.ts';
import { gzipBody } from '../../src/sinks/elasticsearch/body.ts';
import { detectionsOf } from './decoded.ts';
import { ndjson } from './generate.ts';

/** Bytes of text in one batch, and so in one request: the default of `pipeline.batch_bytes`. */
const BATCH_BYTES = 2 ** 20;

/** The bulk bodies that a run over the same detections sends: the same number in each, gzipped the same way. */
export async function readyBodies(namespace: string, count: number): Promise<Buffer[]> {
  const { decode, map } = transformOf(defaultShaping(), { schema: 'ecs', namespace, tags: ['backfill'] });
  const bodies: Buffer[] = [];
  for (const records of batchesOf(ndjson(4, 0, count).trimEnd().split('\n'))) {
    const entries = [...decode(records, Date.now())]
      .flatMap((record) => [...detectionsOf(record)])
      .flatMap((detection) => map(detection).map((document) => ({ document })));
    bodies.push(await gzipBody(entries));
  }
  return bodies;
}

function* batchesOf(lines: readonly string[]): Generator<SourceRecord[]> {
  let batch: SourceRecord[] = [];
  let bytes = 0;
  for (const text of lines) {
    batch.push({ text, origin: { source: 'file', uri: 'bench' }, offset: 0 });
    bytes += Buffer.byteLength(text);
    if (bytes < BATCH_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

/** Sends them, `concurrency` at a time. */
export async function loadReady(
  url: string,
  namespace: string,
  bodies: readonly Buffer[],
  concurrency: number,
): Promise<void> {
  const queue = [...bodies];
  const worker = async (): Promise<void> => {
    for (let body = queue.shift(); body !== undefined; body = queue.shift()) await send(url, namespace, body);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

function send(url: string, namespace: string, body: Buffer): Promise<void> {
  const path = `/logs-stepsecurity.detection-${namespace}/_bulk?require_data_stream=true`;
  return new Promise<void>((resolve, reject) => {
    const headers = {
      'content-type': 'application/x-ndjson',
      'content-encoding': 'gzip',
      'content-length': body.length,
    };
    const call = request(`${url}${path}`, { method: 'POST', headers }, (reply) => {
      let text = '';
      reply.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      reply.on('end', () => {
        if ((JSON.parse(text) as { errors: boolean }).errors) reject(new Error(text.slice(0, 500)));
        else resolve();
      });
    });
    call.on('error', reject).end(body);
  });
}
