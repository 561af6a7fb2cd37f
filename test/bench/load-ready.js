import { request } from 'node:http';
import { defaultShaping } from '../../dist/config/shaping.js';
import { transformOf } from '../../dist/pipeline/stages.js';
import { gzipBody } from '../../dist/sinks/elasticsearch/body.js';
import { ndjson } from './generate.js';

/** Text of one batch, and so of one request: the default of `pipeline.batch_bytes`. */
const BATCH_BYTES = 2 ** 20;

/** The bulk bodies that a run over the same detections sends: as many in each, gzipped as it does. */
export async function readyBodies(namespace, count) {
  const { decode, map } = transformOf(defaultShaping(), { schema: 'ecs', namespace, tags: ['backfill'] });
  const bodies = [];
  for (const records of batchesOf(ndjson(4, 0, count).trimEnd().split('\n'))) {
    const entries = Array.from(decode(records, Date.now()), ({ entries: [{ detection }] }) => map(detection).map((document) => ({ document }))).flat();
    bodies.push(await gzipBody(entries));
  }
  return bodies;
}

function* batchesOf(lines) {
  let batch = [];
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

/** Sends them, `concurrency` at once. */
export async function loadReady(url, namespace, bodies, concurrency) {
  const queue = [...bodies];
  const worker = async () => {
    for (let body = queue.shift(); body !== undefined; body = queue.shift()) await send(url, namespace, body);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

function send(url, namespace, body) {
  const path = `/logs-stepsecurity.detection-${namespace}/_bulk?require_data_stream=true`;
  return new Promise((resolve, reject) => {
    const call = request(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip', 'content-length': body.length } }, (reply) => {
      let text = '';
      reply.setEncoding('utf8').on('data', (piece) => { text += piece; }).on('end', () => (JSON.parse(text).errors === false ? resolve() : reject(new Error(text.slice(0, 500)))));
    });
    call.on('error', reject).end(body);
  });
}
