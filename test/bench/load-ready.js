import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { defaultShaping } from '../../dist/config/shaping.js';
import { transformOf } from '../../dist/pipeline/stages.js';
import { bulkBody, cut } from '../../dist/sinks/elasticsearch/body.js';
import { ndjson } from './generate.js';

const BODY_BYTES = 5 * 2 ** 20;
const READY = new Map();

/** Seconds to send ready-made, gzipped bulk bodies with the same documents, `concurrency` at once. */
export async function loadReady(url, namespace, count, concurrency) {
  const bodies = ready(namespace, count);
  const started = performance.now();
  const queue = [...bodies];
  const worker = async () => {
    for (let body = queue.shift(); body !== undefined; body = queue.shift()) await send(url, namespace, body);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return (performance.now() - started) / 1_000;
}

function ready(namespace, count) {
  const { decode, map } = transformOf(defaultShaping(), { schema: 'ecs', namespace, tags: ['backfill'] });
  const known = READY.get(namespace);
  if (known !== undefined) return known;
  const entries = ndjson(4, 0, count)
    .trimEnd()
    .split('\n')
    .flatMap((text) => decode({ text, origin: { source: 'file', uri: 'bench' }, offset: 0 }, Date.now()))
    .flatMap(({ detection }) => map(detection).map((document) => ({ document })));
  const bodies = cut(entries, BODY_BYTES).map((run) => gzipSync(bulkBody(run), { level: 1 }));
  READY.set(namespace, bodies);
  return bodies;
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
