import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { littleProxy } from '../net/little-proxy.ts';
import { makeAuthority, type Pair } from '../net/tls-servers.ts';
import { refusal, SUCCESS, scriptHec } from '../scripted/hec.ts';
import { receiver } from '../scripted/receiver.ts';
import { scriptedS3 } from '../scripted/s3.ts';
import { scriptedSqs } from '../scripted/sqs.ts';
import { startApi } from '../scripted/stepsecurity-api.ts';
import { failed, indexMade, isIndex, problem, type Script, script } from '../sinks/elasticsearch/scripted.ts';
import type { Break, Broken } from './scene.ts';

/** Faults that a scripted server on this machine simulates, by what is broken. */

const NOBODY = 'http://127.0.0.1:9';
const NOWHERE = 'http://no-such-host.invalid';
const SECRET = 'abcdefgh-no-real-one';
const AWS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'testtest' };
const NO_AWS = {
  AWS_ACCESS_KEY_ID: '',
  AWS_SECRET_ACCESS_KEY: '',
  AWS_PROFILE: '',
  AWS_EC2_METADATA_DISABLED: 'true',
  HOME: '/nonexistent',
};

interface Server {
  readonly url: string;
  close(): Promise<void>;
}

const elasticsearch = (more: object): Broken => ({ config: { sink: { type: 'elasticsearch', ...more } } });
const splunk = (more: object): Broken => ({
  config: { sink: { type: 'splunk_hec', token: SECRET, ...more } },
});
const place = (endpoint: string) => ({
  type: 's3',
  bucket: 'scripted',
  region: 'us-east-1',
  endpoint,
  force_path_style: true,
});
const bucket = (endpoint: string): Broken => ({
  config: { source: { ...place(endpoint), prefixes: ['in/'], start: 'beginning' } },
  env: AWS,
});
const state = (endpoint: string): Broken => ({ config: { state: place(endpoint) }, env: AWS });
const queue = (url: string): Broken => ({
  config: { source: { ...place(url), bucket: 'scripted', queue_url: `${url}/000000000000/scripted` } },
  env: AWS,
});
const api = (url: string): Broken => ({
  config: { source: { type: 'api', owners: ['acme'], api_key: SECRET, url } },
});

/** Broken for as long as the server runs. */
function served(server: Server, broken: Broken): Broken {
  return { ...broken, close: () => server.close() };
}

function cluster(steps: Script): Break {
  return async () => {
    const server = await script(steps);
    return served(server, elasticsearch({ urls: [server.url], api_key: SECRET }));
  };
}

function collector(answer: Parameters<typeof scriptHec>[0], more: object = {}): Break {
  return async () => {
    const server = await scriptHec(answer);
    return served(server, splunk({ url: server.url, ...more }));
  };
}

/** An S3 server that answers everything with this. */
function s3(status: number, code: string, open: (endpoint: string) => Broken = bucket): Break {
  return async () => {
    const server = await scriptedS3();
    server.fault = () => ({ status, code });
    return served(server, open(server.url));
  };
}

function sqs(status: number, code: string): Break {
  return async () => {
    const [server, objects] = [await scriptedSqs(), await scriptedS3()];
    server.fault = () => ({ status, code });
    const { config, ...rest } = queue(objects.url);
    const close = async (): Promise<void> => void (await Promise.all([server.close(), objects.close()]));
    return {
      ...rest,
      config: { source: { ...(config?.['source'] as object), queue_url: server.url } },
      close,
    };
  };
}

/** A server with a certificate. */
function tls(
  open: (pair: Pair) => Promise<Server>,
  broken: (url: string, caFile: string) => Broken,
  times?: { readonly from: string; readonly to: string },
): Break {
  return async () => {
    const authority = makeAuthority();
    const server = await open(authority.issue('server', 'IP:127.0.0.1', times));
    const close = async (): Promise<void> => {
      await server.close();
      authority.remove();
    };
    return { ...broken(server.url, authority.caFile), close };
  };
}

/** A proxy that refuses everything. */
function proxy(status: number, broken: Broken): Break {
  return async () => {
    const server = await littleProxy();
    server.refusal = status;
    const env = { HTTP_PROXY: server.url, HTTPS_PROXY: server.url, NO_PROXY: '', AWS_CA_BUNDLE: '' };
    return served(server, { ...broken, env: { ...broken.env, ...env } });
  };
}

/** Whether this machine lets us mount a small disk. */
export const canMount = (() => {
  const path = mkdtempSync(join(tmpdir(), 'faults-mount-'));
  return mounted(path) && spawnSync('umount', ['-l', path]).status === 0;
})();

function mounted(path: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', path]).status === 0;
}

/** A disk of a few KiB, completely full. */
function full(name: string, config: Broken['config']): Break {
  return async (folder) => {
    const path = join(folder, name);
    mkdirSync(path);
    mounted(path);
    try {
      for (let file = 0; ; file += 1) writeFileSync(join(path, `filler-${file}`), Buffer.alloc(4_096));
    } catch {
      return { ...(config && { config }), close: async () => void spawnSync('umount', ['-l', path]) };
    }
  };
}

const EXPIRED = { from: '20200101000000Z', to: '20200201000000Z' };
const FLOODED = failed(
  429,
  'cluster_block_exception',
  'index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block]',
);

export const SCRIPTED: Readonly<Record<string, Break>> = {
  'Elasticsearch: key or password wrong, expired or revoked': cluster({
    other: () => problem(401, 'security_exception'),
    bulk: () => problem(401, 'security_exception'),
  }),
  'Elasticsearch: key without the role of a run': cluster({
    other: ({ path }) => (path === '/' ? undefined : problem(403, 'security_exception', 'unauthorized')),
  }),
  'Elasticsearch: file of the key missing': async () =>
    elasticsearch({ urls: [NOBODY], api_key_file: 'none' }),
  'Elasticsearch: `ca_file` missing': async () => elasticsearch({ urls: [NOBODY], ca_file: 'none' }),
  'Elasticsearch: certificate of an authority that is not trusted': tls(
    (pair) => script({}, pair),
    (url) => elasticsearch({ urls: [url] }),
  ),
  'Elasticsearch: certificate expired, or the clock of this machine wrong': tls(
    (pair) => script({}, pair),
    (url, caFile) => elasticsearch({ urls: [url], ca_file: caFile }),
    EXPIRED,
  ),
  'Elasticsearch: `http://` where it speaks https': tls(
    (pair) => script({}, pair),
    (url) => elasticsearch({ urls: [url.replace('https:', 'http:')] }),
  ),
  'Elasticsearch: stopped': async () => elasticsearch({ urls: [NOBODY] }),
  'Elasticsearch: host name not known': async () => elasticsearch({ urls: [NOWHERE] }),
  'Elasticsearch: `setup` was not run': cluster({
    other: (request) => (isIndex(request) ? indexMade(request, 0, false) : undefined),
  }),
  'Elasticsearch: disk over its flood-stage watermark': cluster({
    bulk: ({ uids }) => ({ status: 200, body: { errors: true, items: uids.map(() => FLOODED) } }),
  }),
  'Splunk: token wrong or disabled': collector(() => refusal(403, 4, { text: 'Invalid token' })),
  'Splunk: file of the token missing': async () =>
    splunk({ url: NOBODY, token: undefined, token_file: 'none' }),
  'Splunk: index missing, or not allowed to the token': collector(
    ({ text }) => (text === '' ? refusal(400, 5) : refusal(400, 7, { text: 'Incorrect index' })),
    { index: 'nowhere' },
  ),
  'Splunk: certificate of an authority that is not trusted': tls(
    (pair) => scriptHec(() => SUCCESS, pair),
    (url) => splunk({ url }),
  ),
  'Splunk: stopped': async () => splunk({ url: NOBODY }),
  'Splunk: host name not known': async () => splunk({ url: NOWHERE }),
  'Splunk: queues full': collector(() => refusal(503, 9, { text: 'Server is busy' })),
  'Bucket: no credentials found': async () => ({ ...bucket(NOBODY), env: NO_AWS }),
  'Bucket: access key unknown': s3(403, 'InvalidAccessKeyId'),
  'Bucket: secret key wrong': s3(403, 'SignatureDoesNotMatch'),
  'Bucket: not permitted': s3(403, 'AccessDenied'),
  'Bucket: missing': s3(404, 'NoSuchBucket'),
  'Bucket: wrong region': s3(301, 'PermanentRedirect'),
  'Bucket: prefix with nothing under it': async () => {
    const server = await scriptedS3();
    server.put('elsewhere/a.json', '{}');
    return served(server, bucket(server.url));
  },
  'Bucket: the clock of this machine wrong': s3(403, 'RequestTimeTooSkewed'),
  'Bucket: host name not known': async () => bucket(NOWHERE),
  'Queue: missing': sqs(400, 'QueueDoesNotExist'),
  'Queue: access key unknown': sqs(403, 'InvalidClientTokenId'),
  'Queue: not permitted': sqs(403, 'AccessDenied'),
  'Queue: host unreachable': async () => queue(NOBODY),
  'StepSecurity API: key wrong or revoked': async () => {
    const server = await startApi('another-key');
    return served(server, api(server.url));
  },
  'StepSecurity API: unreachable': async () => api(NOBODY),
  'Folder to read: missing': async () => ({ config: { source: { type: 'file', path: 'nowhere' } } }),
  'State: folder below a file': async (folder) => {
    writeFileSync(join(folder, 'a-file'), '');
    return { config: { state: { type: 'file', path: 'a-file/state' } } };
  },
  'State: disk full': full('state', undefined),
  'State in a bucket: missing': s3(404, 'NoSuchBucket', state),
  'State in a bucket: not permitted': s3(403, 'AccessDenied', state),
  'State in a bucket: host unreachable': async () => state(NOBODY),
  'File to write: below a file': async (folder) => {
    writeFileSync(join(folder, 'a-file'), '');
    return { config: { sink: { type: 'ndjson', path: 'a-file/out.ndjson' } } };
  },
  'File to write: disk full': full('small', { sink: { type: 'ndjson', path: 'small/out.ndjson' } }),
  'Proxy: unreachable': async () => ({
    ...elasticsearch({ urls: ['http://search.invalid:9200'] }),
    env: { HTTP_PROXY: NOBODY },
  }),
  'Proxy: wants credentials': proxy(407, elasticsearch({ urls: ['http://search.invalid:9200'] })),
  'Proxy: does not let us through': proxy(403, splunk({ url: 'https://splunk.invalid:8088' })),
  'Proxy: does not let us through to the bucket': proxy(403, bucket('https://s3.invalid')),
  'Heartbeat: not permitted': cluster({
    other: ({ path }) =>
      path.includes('/_create/') ? problem(403, 'security_exception', 'unauthorized') : undefined,
  }),
  'Ping: monitor unreachable': async () => ({ config: { ping: { url: `${NOBODY}/5bf66975-d4c7` } } }),
  'Ping: monitor answers with an error': async () => {
    const server = await receiver(404);
    return served(server, { config: { ping: { url: `${server.url}/5bf66975-d4c7` } } });
  },
  'OpenTelemetry: collector unreachable': async () => ({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: NOBODY } }),
  'OpenTelemetry: collector never answers': async () => {
    const server = await receiver('hang');
    return served(server, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: server.url } });
  },
  'Prometheus: folder of the textfile missing': async () => ({
    config: { metrics: { textfile: 'away/siem.prom' } },
  }),
  'Prometheus: port taken': async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    const close = async (): Promise<void> => void server.close();
    return { config: { metrics: { listen: `127.0.0.1:${port}` } }, close };
  },
};
