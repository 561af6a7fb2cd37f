import { isIP } from 'node:net';
import * as z from 'zod';
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
  .array(
    z.string().refine(isNetwork, { error: 'expected a network such as 192.0.2.0/24, or a single address' }),
  )
  .min(1)
  .optional();

/** The webhook receiver. There is no option for where it stores requests: that is what `source` reads. */
export const receiveSchema = z.strictObject({
  listen: listenAddress
    .default('127.0.0.1:8080')
    .describe(
      'Address and port for POSTs from the vendor, such as 0.0.0.0:8443. Loopback by default. A socket passed by systemd (LISTEN_FDS) is used instead.',
    ),
  path: z
    .string()
    .regex(/^\/[\w.~/-]*$/, 'expected a path such as /webhook')
    .default('/webhook')
    .describe('The only path that accepts POSTs; it plays no part in authentication.'),
  status_listen: listenAddress
    .default('127.0.0.1:8081')
    .describe(
      'Address and port for /healthz, /readyz and /metrics: plain HTTP without authentication, on a separate port so that senders cannot reach it.',
    ),
  secret_header: z
    .string()
    .regex(/^[A-Za-z0-9-]+$/, 'expected the name of a header, such as Authorization')
    .transform((name) => name.toLowerCase())
    .default('authorization')
    .describe('Name of the header that carries the secret, as entered in the console.'),
  secret_files: z
    .array(z.string().min(1))
    .min(1)
    .max(10)
    .describe(
      'Files with one secret each, at least 16 characters long; any of them is accepted, so that a new one can be rolled out before the old one is removed. Read again when they change. A leading `Bearer ` is ignored in file and header.',
    ),
  allow: networks.describe(
    'Networks that may send. Default: any; the vendor documents no addresses for webhooks.',
  ),
  trusted_proxies: networks.describe(
    'Networks of the load balancers in front: only their X-Forwarded-For is trusted, from its end to the first address that is not theirs. Without this option, the header is ignored.',
  ),
  tls: z
    .strictObject({
      cert_file: z
        .string()
        .min(1)
        .describe('PEM file with the certificate, including any intermediate certificates.'),
      key_file: z.string().min(1).describe('PEM file with its private key.'),
    })
    .optional()
    .describe(
      'TLS 1.2 and later. The files are read again when they change; open connections continue. Without this section, plain HTTP is served, for a proxy that terminates TLS.',
    ),
  body_bytes: bytes(10 * MIB, { min: KIB, max: 256 * MIB }).describe(
    'A larger body is refused with 413. Insights are the largest; run also applies limits.record_bytes.',
  ),
  pending_bytes: bytes(64 * MIB, { min: MIB }).describe(
    'Total bytes of bodies held in memory until they are durable; further requests are refused with 503.',
  ),
  connection_concurrency: concurrency(512, 65_536).describe(
    'Maximum open connections; further ones are closed immediately.',
  ),
  header_timeout: duration('10s', { min: '100ms', max: '5m' }).describe(
    'How long a connection may take for the headers of a request, including its TLS handshake.',
  ),
  body_timeout: duration('60s', { min: '100ms', max: '1h' }).describe(
    'How long a request may take until its body is complete; after that it is refused with 408.',
  ),
  source_prefix: z
    .string()
    .optional()
    .describe(
      'Where in the bucket requests are stored: one of source.prefixes. Default: the only prefix of the source.',
    ),
  spool_bytes: bytes(1_024 * MIB, { min: MIB }).describe(
    'Folders only: maximum size of the spool. Delivered files are removed first; when there is nothing left to remove, requests are refused with 503.',
  ),
  delivered_ttl: duration('7d').describe(
    'Folders only: how long to keep a file after its content is delivered; 0s removes it immediately. A file is never removed before the saved checkpoint confirms its delivery. For a bucket, set a lifecycle rule.',
  ),
  insights: z
    .enum(['keep', 'drop'])
    .default('keep')
    .describe(
      'Insights documents, which are much larger and contain no detection: keep them for what they say about a run, or accept them without storing anything. They are counted either way.',
    ),
  access_log: z
    .boolean()
    .default(false)
    .describe(
      'Log a line for each request: client, status, bytes and time, none of its content. Refusals are always logged, with repeats combined.',
    ),
});

export type ReceiveOptions = z.output<typeof receiveSchema>;
