import type { RequestListener } from 'node:http';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { createS3Client } from '../../src/aws/client.ts';
import { s3ConnectionShape } from '../../src/aws/connection.ts';
import { awsError } from '../../src/aws/errors.ts';
import { agentFor } from '../../src/net/agents.ts';
import { openCluster } from '../../src/sinks/elasticsearch/cluster.ts';
import { connect } from '../../src/sinks/elasticsearch/connect.ts';
import { createDirect } from '../../src/sinks/elasticsearch/direct.ts';
import { elasticsearchSchema } from '../../src/sinks/elasticsearch/options.ts';
import { api } from '../../src/sources/api/index.ts';
import { createSqsClient, receive } from '../../src/sources/sqs/queue.ts';
import { createClient } from '../../src/stepsecurity/client.ts';
import { createKey } from '../../src/stepsecurity/key.ts';
import { createPace } from '../../src/stepsecurity/pace.ts';
import { documentsOf, testContext } from '../contract/sink.ts';
import { openHec } from '../sinks/splunk-hec/open.ts';

export interface Target {
  readonly url: string;
  readonly caFile?: string;
  /** Requests to make, one after the other. */
  readonly times?: number;
  readonly timeoutMs?: number;
}

/** Makes requests like one of the program's clients. Throws what would reach the run when the first try fails. */
type Caller = (target: Target) => Promise<void>;

const live = new AbortController().signal;
const patience = { initialMs: 1, maxMs: 1, maxElapsedMs: 0 };

async function repeat(times: number, once: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < times; i += 1) await once();
}

const connectionOf = ({ url, caFile }: Target) => ({
  ...z.strictObject(s3ConnectionShape).parse({ region: 'us-east-1', force_path_style: true }),
  endpoint: url,
  ...(caFile !== undefined && { ca_file: caFile }),
});

/** All clients in the program that make network requests. */
export const CALLERS: Readonly<Record<string, Caller>> = {
  async s3(target) {
    const client = createS3Client(connectionOf(target));
    try {
      await repeat(target.times ?? 1, () =>
        client.send(new ListObjectsV2Command({ Bucket: 'bucket' })).catch((error: unknown) => {
          throw awsError(error, 'list s3://bucket');
        }),
      );
    } finally {
      client.destroy();
    }
  },

  async sqs(target) {
    const url = `${target.url}/000000000000/queue`;
    const client = createSqsClient(connectionOf(target), url);
    const queue = { client, url, waitMs: 0, visibilityMs: 1_000, context: testContext({ retry: patience }) };
    try {
      await repeat(target.times ?? 1, () => receive(queue, live));
    } finally {
      client.destroy();
    }
  },

  async api(target) {
    const { log, meter } = testContext();
    const options = api.schema.parse({ url: target.url, api_key: 'key', owners: ['acme'] });
    const agent = agentFor(target.url, { caFile: target.caFile });
    const client = createClient({
      baseUrl: target.url,
      key: createKey(options),
      pace: createPace(10_000),
      agent,
      timeoutMs: target.timeoutMs ?? 5_000,
      maxBytes: 1_000_000,
      log,
      meter,
    });
    try {
      await repeat(target.times ?? 1, () =>
        client.get('/lists', {}, (json) => json, { signal: live, policy: patience }),
      );
    } finally {
      agent.destroy();
    }
  },

  async elasticsearch(target) {
    const options = elasticsearchSchema.parse({
      urls: [target.url],
      ca_file: target.caFile,
      request_timeout: `${target.timeoutMs ?? 5_000}ms`,
    });
    const connected = await connect(options, live);
    try {
      await repeat(target.times ?? 1, () => openCluster(connected, live));
    } finally {
      connected.close();
    }
  },

  async elasticsearch_directly(target) {
    const options = elasticsearchSchema.parse({
      urls: [target.url],
      ca_file: target.caFile,
      request_timeout: `${target.timeoutMs ?? 5_000}ms`,
    });
    const direct = createDirect(options);
    const request = { method: 'GET', path: '/', what: 'greeting Elasticsearch' } as const;
    try {
      await repeat(target.times ?? 1, () => direct.request(request, live));
    } finally {
      direct.close();
    }
  },

  async splunk_hec(target) {
    const over = {
      ...(target.caFile !== undefined && { ca_file: target.caFile }),
      request_timeout: `${target.timeoutMs ?? 5_000}ms`,
    };
    const { sink } = await openHec(target.url, over, { maxElapsedMs: 0 });
    try {
      await repeat(target.times ?? 1, () => sink.write(documentsOf(1), live));
    } finally {
      await sink.close?.();
    }
  },
};

export const CALLER_NAMES = Object.keys(CALLERS);

/** Answers each of the callers like its server. `seen` gets the request target of each request. */
export function answering(seen: string[] = []): RequestListener {
  return (request, response) => {
    const url = request.url ?? '';
    seen.push(url);
    request.resume();
    const path = url.replace(/^https?:\/\/[^/]+/, '');
    if (path.startsWith('/services/collector')) {
      response.setHeader('content-type', 'application/json').end('{"text":"Success","code":0}');
    } else if (path.startsWith('/lists')) {
      response.setHeader('content-type', 'application/json').end('{}');
    } else if (path.startsWith('/bucket')) {
      response.setHeader('content-type', 'application/xml');
      response.end('<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>');
    } else if (request.method === 'POST') {
      response.setHeader('content-type', 'application/x-amz-json-1.0').end('{}');
    } else {
      response.setHeader('x-elastic-product', 'Elasticsearch');
      response.setHeader('content-type', 'application/vnd.elasticsearch+json; compatible-with=9');
      response.end('{"version":{"number":"9.4.3","build_flavor":"default"}}');
    }
  };
}
