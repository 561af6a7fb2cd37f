import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { defaultShaping } from '../../dist/config/shaping.js';
import { transformOf } from '../../dist/pipeline/stages.js';
import { bulkBody, cut } from '../../dist/sinks/elasticsearch/body.js';
import { ndjson } from './generate.js';

const BODY_BYTES = 5 * 2 ** 20;

/** The bulk bodies that a run over the same detections sends, gzipped as it does. */
export function readyBodies(namespace, count) {
  const { decode, map } = transformOf(defaultShaping(), { schema: 'ecs', namespace, tags: ['backfill'] });
  const records = ndjson(4, 0, count)
    .trimEnd()
    .split('\n')
    .map((text) => ({ text, origin: { source: 'file', uri: 'bench' }, offset: 0 }));
  const entries = Array.from(decode(records, Date.now()), ({ entries: [{ detection }] }) => map(detection).map((document) => ({ document }))).flat();
  return cut(entries, BODY_BYTES).map((run) => gzipSync(bulkBody(run), { level: 1 }));
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
