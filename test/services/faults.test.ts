import type { S3Client } from '@aws-sdk/client-s3';
import { afterAll, test } from '@jest/globals';
import type { JsonObject } from '../../src/contracts/types.ts';
import { dial } from '../../src/sinks/elasticsearch/dial.ts';
import { elasticsearch } from '../../src/sinks/elasticsearch/index.ts';
import { hold } from '../faults/hold.ts';
import type { REAL } from '../faults/names.ts';
import type { Break, Broken } from '../faults/scene.ts';
import { ROWS } from '../faults/table.ts';
import { live } from '../live.ts';
import { freshBucket, s3At } from './export.ts';
import { describeWith, need } from './require.ts';

/** The rows of docs/faults.md that a real server can produce. */

function row(broken: (typeof REAL)[number], breaks: Break): void {
  const found = ROWS.find((one) => one.broken === broken);
  test(broken, async () => {
    if (found === undefined) throw new Error(`docs/faults.md has no row: ${broken}`);
    await hold(found, breaks);
  }, 60_000);
}

const secure = ['ELASTICSEARCH_SECURE_URL', 'ELASTICSEARCH_SECURE_PASSWORD', 'ELASTICSEARCH_SECURE_CA'];
describeWith(secure, 'a broken Elasticsearch', () => {
  const url = need('ELASTICSEARCH_SECURE_URL');
  const ca_file = need('ELASTICSEARCH_SECURE_CA');
  const password = need('ELASTICSEARCH_SECURE_PASSWORD');
  const sink = (more: object): Broken => ({
    config: { sink: { type: 'elasticsearch', urls: [url], ca_file, ...more } },
  });

  /** A key with only these privileges; revoked immediately if `revoked`. */
  async function keyOf(descriptor: JsonObject, revoked = false): Promise<string> {
    const admin = elasticsearch.schema.parse({ urls: [url], ca_file, username: 'elastic', password });
    const { cluster, close } = await dial(admin, live);
    try {
      const body = { name: 'faults', role_descriptors: { only: descriptor }, expiration: '1h' };
      const { id, encoded } = await cluster.client.transport.request<{ id: string; encoded: string }>({
        method: 'POST',
        path: '/_security/api_key',
        body,
      });
      if (revoked) await cluster.client.security.invalidateApiKey({ ids: [id] });
      return encoded;
    } finally {
      close();
    }
  }

  row('Elasticsearch: key or password wrong, expired or revoked', async () =>
    sink({ api_key: await keyOf({ cluster: ['monitor'] }, true) }),
  );
  row('Elasticsearch: key without the role of a run', async () =>
    sink({ api_key: await keyOf({ cluster: ['monitor'], indices: [] }) }),
  );
  row('Elasticsearch: certificate of an authority that is not trusted', async () =>
    sink({ ca_file: undefined }),
  );
  row('Elasticsearch: `http://` where it speaks https', async () =>
    sink({ urls: [url.replace('https:', 'http:')], ca_file: undefined }),
  );
});

describeWith(['HEC_URL'], 'a broken Splunk', () => {
  row('Splunk: token wrong or disabled', async () => ({
    config: { sink: { type: 'splunk_hec', url: need('HEC_URL'), token: 'not-a-token-of-it' } },
  }));
});

describeWith(['S3_ENDPOINT'], 'a broken bucket', () => {
  const clients: S3Client[] = [];
  afterAll(() => {
    for (const client of clients) client.destroy();
  });
  const place = (bucket: string) => ({
    type: 's3',
    bucket,
    region: 'us-east-1',
    endpoint: need('S3_ENDPOINT'),
    force_path_style: true,
  });
  const reading = (bucket: string, more: object = {}): Broken => ({
    config: { source: { ...place(bucket), start: 'beginning', ...more } },
  });
  const made = async (): Promise<string> => {
    const client = s3At(need('S3_ENDPOINT'));
    clients.push(client);
    return freshBucket(client, 'faults');
  };

  row('Bucket: access key unknown', async () => ({
    ...reading(await made()),
    env: { AWS_ACCESS_KEY_ID: 'nobody-knows-it' },
  }));
  row('Bucket: secret key wrong', async () => ({
    ...reading(await made()),
    env: { AWS_SECRET_ACCESS_KEY: 'another-secret' },
  }));
  row('Bucket: missing', async () => reading('there-is-none'));
  row('Bucket: prefix with nothing under it', async () => reading(await made(), { prefixes: ['nowhere/'] }));
  row('State in a bucket: missing', async () => ({ config: { state: place('there-is-none') } }));
});

describeWith(['SQS_ENDPOINT'], 'a broken queue', () => {
  row('Queue: missing', async () => {
    const endpoint = need('SQS_ENDPOINT');
    const client = s3At(endpoint);
    const bucket = await freshBucket(client, 'faults');
    client.destroy();
    const queue_url = `${endpoint}/000000000000/there-is-none`;
    const source = { type: 's3', bucket, region: 'us-east-1', endpoint, force_path_style: true, queue_url };
    return { config: { source } };
  });
});
