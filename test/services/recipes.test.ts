import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { dial } from '../../src/sinks/elasticsearch/dial.ts';
import { elasticsearchSchema } from '../../src/sinks/elasticsearch/options.ts';
import { setUp } from '../../src/sinks/elasticsearch/setup.ts';
import { text } from '../deploy/artefacts.ts';
import { layOut, RECIPES, ran } from '../deploy/recipes.ts';
import { live } from '../live.ts';
import { freshNamespace } from './elasticsearch.ts';
import { exportTo, freshBucket, s3At } from './export.ts';
import { describeWith, need } from './require.ts';

const LOG = 'var/log/stepsecurity-siem/run.log';
const SERVERS = [
  'S3_ENDPOINT',
  'ELASTICSEARCH_SECURE_URL',
  'ELASTICSEARCH_SECURE_PASSWORD',
  'ELASTICSEARCH_SECURE_CA',
];

/**
 * Each recipe as it ships, from a bucket into a cluster with security, with the key of the run role and an empty
 * environment.
 */
describeWith(SERVERS, 'the recipes for a schedule, with real servers', () => {
  const namespace = freshNamespace('recipes');
  const s3 = s3At(need('S3_ENDPOINT'));
  const address = {
    urls: [need('ELASTICSEARCH_SECURE_URL')],
    ca_file: need('ELASTICSEARCH_SECURE_CA'),
    namespace,
  };
  const admin = elasticsearchSchema.parse({
    ...address,
    username: 'elastic',
    password: need('ELASTICSEARCH_SECURE_PASSWORD'),
  });
  const folders: string[] = [];
  let key = '';
  let bucket = '';
  let exported = 0;

  beforeAll(async () => {
    for await (const _ of setUp(admin, live, false));
    const { cluster, close } = await dial(admin, live);
    const { encoded } = await cluster.client.security.createApiKey({
      name: namespace,
      role_descriptors: { run: JSON.parse(text('elasticsearch/roles/run.json')) as object },
      expiration: '1h',
    });
    close();
    key = encoded;
    bucket = await freshBucket(s3, 'recipes');
    exported = (await exportTo(s3, bucket, 5)).uids.size;
  });
  afterAll(async () => {
    s3.destroy();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    const { cluster, close } = await dial(admin, live);
    await cluster.client.indices.deleteDataStream({ name: `*-stepsecurity.*-${namespace}` });
    close();
  });

  it.each(Object.entries(RECIPES))('%s', async (name, recipe) => {
    const root = mkdtempSync(join(tmpdir(), 'recipes-'));
    folders.push(root);
    const at = { endpoint: need('S3_ENDPOINT'), region: 'us-east-1', force_path_style: true };
    const inBucket = (place: unknown): object => ({ ...(place as object), ...at, bucket });
    layOut(root, recipe, key, (config) => ({
      ...config,
      source: inBucket(config['source']),
      sink: { ...(config['sink'] as object), ...address },
      ...(name === 'CronJob' && {
        state: inBucket(config['state']),
        dead_letters: { store: inBucket((config['dead_letters'] as { store: unknown }).store) },
      }),
    }));
    // For a host without a role.
    const credentials = join(root, 'home/siem/.aws/credentials');
    mkdirSync(join(root, 'home/siem/.aws'));
    writeFileSync(
      credentials,
      `[default]\naws_access_key_id = ${need('AWS_ACCESS_KEY_ID')}\naws_secret_access_key = ${need('AWS_SECRET_ACCESS_KEY')}\n`,
    );
    const { env, ...start } = recipe.start(root);
    const given = name === 'crontab' ? env : { ...env, AWS_SHARED_CREDENTIALS_FILE: credentials };
    const ledger = async (): Promise<object> => {
      const { code, out } = await ran({ ...start, env: given });
      const said = name === 'crontab' ? readFileSync(join(root, LOG), 'utf8') : out;
      expect([code, said]).toEqual([0, expect.stringContaining('"ledger":1')]);
      const last =
        said
          .trimEnd()
          .split('\n')
          .findLast((line) => line.startsWith('{"ledger"')) ?? '';
      return JSON.parse(last) as object;
    };
    const settled = (await ledger()) as { read: number; delivered: number; duplicate: number };
    expect(settled).toMatchObject({ read: exported, complete: true });
    expect(settled.delivered + settled.duplicate).toBe(exported);
    expect(await ledger()).toMatchObject({ read: 0, complete: true });
  });
});
