/** The same GETs by Node's HTTP client, each signed by hand: what no way of reading small objects with Node goes below. */
import { createHmac, hash } from 'node:crypto';
import { Agent, request } from 'node:http';
import { clientOf, getAll } from './bucket.ts';

const NOTHING = hash('sha256', '', 'hex');
const SIGNED = 'host;x-amz-content-sha256;x-amz-date';
const [endpoint = '', bucket = ''] = process.argv.slice(2);
const { host, hostname, port } = new URL(endpoint);
const client = clientOf(endpoint);
const { accessKeyId, secretAccessKey } = await client.config.credentials();
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const hmac = (key: string | Uint8Array, text: string) => createHmac('sha256', key).update(text).digest();
const today = new Date().toISOString().slice(0, 10).replaceAll('-', '');
const scope = `${today}/us-east-1/s3/aws4_request`;
const key = scope.split('/').reduce<string | Uint8Array>(hmac, `AWS4${secretAccessKey}`);

function headersFor(path: string): Record<string, string> {
  const date = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
  const headers = `host:${host}\nx-amz-content-sha256:${NOTHING}\nx-amz-date:${date}\n`;
  const digest = hash('sha256', `GET\n${path}\n\n${headers}\n${SIGNED}\n${NOTHING}`, 'hex');
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${digest}`).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${SIGNED}, Signature=${signature}`;
  return { host, 'x-amz-content-sha256': NOTHING, 'x-amz-date': date, authorization };
}

const bytes = await getAll(client, bucket, (name) => {
  const path = `/${bucket}/${name}`;
  return new Promise<number>((resolve, reject) => {
    const call = request({ hostname, port, path, agent, headers: headersFor(path) }, (reply) => {
      if (reply.statusCode !== 200) reject(new Error(`HTTP ${reply.statusCode} for ${path}`));
      let bytes = 0;
      reply.on('data', (piece: Buffer) => {
        bytes += piece.length;
      });
      reply.on('end', () => resolve(bytes));
    });
    call.on('error', reject).end();
  });
});
agent.destroy();
client.destroy();
console.log(bytes);
