import { isIP } from 'node:net';
import { z } from 'zod';
import { bytes, KIB, MIB } from '../options/bytes.ts';
import { concurrency } from '../options/concurrency.ts';
import { duration } from '../options/duration.ts';
import { listenAddress } from '../options/listen.ts';

/** `192.0.2.0/24`, `2001:db8::/32`, or one address. */
function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

const networks = z
  .array(z.string().refine(isNetwork, { error: 'expected a network such as 192.0.2.0/24, or one address' }))
  .min(1)
  .optional();

/** The webhook receiver. Where it stores what it takes is no option: it is what `source` reads. */
export const receiveSchema = z.strictObject({
  listen: listenAddress
    .default('127.0.0.1:8080')
    .describe(
      'Address and port for the POSTs of the vendor, such as 0.0.0.0:8443. Loopback unless told otherwise. A socket that systemd hands over (LISTEN_FDS) takes its place.',
    ),
  path: z
    .string()
    .regex(/^\/[\w.~/-]*$/, 'expected a path such as /webhook')
    .default('/webhook')
    .describe('The only path that takes POSTs; it has no part in authentication.'),
  status_listen: listenAddress
    .default('127.0.0.1:8081')
    .describe(
      'Address and port of /healthz, /readyz and /metrics: plain HTTP without authentication, on a port of its own so that senders cannot reach it.',
    ),
  secret_header: z
    .string()
    .regex(/^[A-Za-z0-9-]+$/, 'expected the name of a header, such as Authorization')
    .transform((name) => name.toLowerCase())
    .default('authorization')
    .describe('Name of the header that carries the secret, as typed into the console.'),
  secret_files: z
    .array(z.string().min(1))
    .min(1)
    .max(10)
    .describe(
      'Files that hold a secret each, at least 16 characters; any of them is accepted, so that a new one can be rolled out before the old one goes. Read again when they change. A leading `Bearer ` is passed over in file and header.',
    ),
  allow: networks.describe(
    'Networks that may send. Default: any; the vendor documents no addresses for webhooks.',
  ),
  trusted_proxies: networks.describe(
    'Networks of the load balancers in front: only their X-Forwarded-For is believed, from its end to the first address that is not theirs. Without it the header is ignored.',
  ),
  tls: z
    .strictObject({
      cert_file: z
        .string()
        .min(1)
        .describe('PEM file with the certificate and those between it and its root.'),
      key_file: z.string().min(1).describe('PEM file with its private key.'),
    })
    .optional()
    .describe(
      'TLS 1.2 and later. The files are read again when they change; connections that are open go on. Without it plain HTTP is served, for a proxy that ends TLS.',
    ),
  body_bytes: bytes(10 * MIB, { min: KIB, max: 256 * MIB }).describe(
    'A larger body is refused with 413. Insights are the largest; see limits.record_bytes too, which run applies.',
  ),
  pending_bytes: bytes(64 * MIB, { min: MIB }).describe(
    'Bodies held in memory until they are durable; what comes beyond is refused with 503.',
  ),
  connection_concurrency: concurrency(512, 65_536).describe('Open connections; one more is closed at once.'),
  header_timeout: duration('10s', { min: '100ms', max: '5m' }).describe(
    'How long a connection may take for the head of a request, its TLS handshake included.',
  ),
  body_timeout: duration('60s', { min: '100ms', max: '1h' }).describe(
    'How long a request may take until its body is complete; then it is refused with 408.',
  ),
  source_prefix: z
    .string()
    .optional()
    .describe(
      "Where in the bucket requests are stored: one of source.prefixes. Default: the source's only one.",
    ),
  spool_bytes: bytes(1_024 * MIB, { min: MIB }).describe(
    'Folders only: what the spool may hold. Delivered files make room first; when nothing is left to remove, requests are refused with 503.',
  ),
  delivered_ttl: duration('7d').describe(
    'Folders only: how long a file stays once its content is delivered; 0s removes it at once. Never removed before the saved checkpoint says so. For a bucket, set a lifecycle rule.',
  ),
  insights: z
    .enum(['keep', 'drop'])
    .default('keep')
    .describe(
      'Insights documents, which are much larger and hold no detection: keep them for what they tell of a run, or answer them and store nothing. Counted either way.',
    ),
  access_log: z
    .boolean()
    .default(false)
    .describe(
      'A log line for each request: client, status, bytes and time, nothing of its content. What is refused is logged in any case, with repeats summed up.',
    ),
});

export type ReceiveOptions = z.output<typeof receiveSchema>;
