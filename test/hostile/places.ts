import { statSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { cluster, freshNamespace } from '../services/elasticsearch.ts';
import { freshBucket, s3At } from '../services/export.ts';
import { storedEvents } from '../services/hec.ts';
import { need } from '../services/require.ts';

/** Objects by name, in reading order. */
export type Objects = Readonly<Record<string, Buffer>>;

/** Where a case is read from, as configuration options. */
export interface Origin {
  readonly name: 'file' | 's3';
  readonly options: object;
}

/** Where it goes, and what arrived there. */
export interface Destination {
  readonly options: object;
  /** How often each run id of a detection arrived. */
  readonly runIds: () => Promise<ReadonlyMap<string, number>>;
  readonly close: () => Promise<void>;
}

/** A new folder for one case; removed with everything in it. */
export async function scratch(): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'hostile-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export async function inFolder(folder: string, objects: Objects): Promise<Origin> {
  const path = join(folder, 'in');
  await mkdir(path);
  for (const [name, bytes] of Object.entries(objects)) await writeFile(join(path, name), bytes);
  return { name: 'file', options: { type: 'file', path } };
}

export async function inBucket(objects: Objects): Promise<Origin> {
  const s3 = s3At(need('S3_ENDPOINT'));
  const bucket = await freshBucket(s3, 'hostile');
  for (const [name, bytes] of Object.entries(objects))
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `in/${name}`, Body: bytes }));
  s3.destroy();
  const connection = { bucket, endpoint: need('S3_ENDPOINT'), region: 'us-east-1', force_path_style: true };
  return { name: 's3', options: { type: 's3', ...connection, prefixes: ['in/'], start: 'beginning' } };
}

export function toElasticsearch(): Destination {
  const es = cluster(need('ELASTICSEARCH_URL'));
  const namespace = freshNamespace('hostile');
  const streams = `logs-stepsecurity.*-${namespace}`;
  return {
    options: { type: 'elasticsearch', urls: [es.url], namespace },
    async runIds() {
      await es.call('POST', `/${streams}/_refresh`);
      const { body } = await es.call('POST', `/${streams}/_search`, {
        size: 0,
        aggs: { runs: { terms: { field: 'cicd.pipeline.run.id', size: 10_000 } } },
      });
      const { runs } = body.aggregations as { runs: { buckets: { key: string; doc_count: number }[] } };
      return new Map(runs.buckets.map(({ key, doc_count }) => [key, doc_count]));
    },
    close: async () => void (await es.call('DELETE', `/_data_stream/${streams}`)),
  };
}

/** `host` marks what this case sent, since the receiver is shared. */
export function toSplunk(): Destination {
  const host = freshNamespace('hostile');
  const file = need('HEC_EVENTS');
  const { size: offset } = statSync(file);
  return {
    options: { type: 'splunk_hec', url: need('HEC_URL'), token: need('HEC_TOKEN'), host },
    async runIds() {
      const ids = new Map<string, number>();
      for (const { event, ...envelope } of await storedEvents(file, offset)) {
        if (envelope.host !== host) continue;
        const id = typeof event.run_id === 'string' ? event.run_id : '';
        ids.set(id, (ids.get(id) ?? 0) + 1);
      }
      return ids;
    },
    close: async () => undefined,
  };
}

/** An input from the folder next to this file. */
export const input = (name: string): Promise<Buffer> => readFile(new URL(`inputs/${name}`, import.meta.url));
