import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { cluster, freshNamespace, uidsIn } from './elasticsearch.ts';
import { ledgerOf, runCli } from './process.ts';
import { describeWith, need } from './require.ts';

const EACH = 25;

/** Detections with a process; the template below accepts no pid over 2^31. */
function detections(name: string, pid: string): string {
  const lines = Array.from({ length: EACH }, (_, nth) =>
    JSON.stringify({
      id: 'Reverse-Shell',
      event_id: `${name}-${nth}`,
      owner: 'acme',
      owner_repo: 'acme/web',
      timestamp: '1753952400',
      detection: `${name}-${nth}`,
      process_events: [{ pid, exe: '/bin/bash', timestamp: '2025-07-31T09:00:00Z' }],
    }),
  );
  return `${lines.join('\n')}\n`;
}

describeWith(['ELASTICSEARCH_URL'], 'documents that a real Elasticsearch refuses with one error', () => {
  const es = cluster(need('ELASTICSEARCH_URL'));
  const prefix = freshNamespace('refused');
  const template = `/_index_template/${prefix}`;

  /** Our template with a narrower type for one field; `wrong` makes it refuse every detection. */
  async function install(wrong: boolean): Promise<void> {
    const ours = new URL('../../deploy/elasticsearch/index-templates/', import.meta.url);
    const body = JSON.parse(await readFile(new URL('logs-stepsecurity.detection.json', ours), 'utf8'));
    const properties = wrong
      ? { rule: { properties: { name: { type: 'ip', ignore_malformed: false } } } }
      : { process: { properties: { pid: { type: 'integer', ignore_malformed: false } } } };
    const mappings = {
      _meta: body.template.mappings._meta,
      properties: { data_stream: { properties: { dataset: { type: 'keyword' } } }, ...properties },
    };
    const answer = await es.call('PUT', template, {
      ...body,
      index_patterns: [`logs-stepsecurity.detection-${prefix}*`],
      priority: 900,
      template: { mappings },
    });
    expect(answer.status).toBe(200);
  }

  async function prepare(namespace: string, files: readonly (readonly [string, string])[]) {
    const folder = await mkdtemp(join(tmpdir(), 'refused-'));
    const input = await mkdtemp(join(folder, 'in-'));
    for (const [name, text] of files) await writeFile(join(input, name), text);
    const config = join(folder, 'config.yaml');
    await writeFile(
      config,
      `source: { type: file, path: '${input}' }
sink: { type: elasticsearch, urls: ['${es.url}'], namespace: ${namespace} }
state: { type: file, path: '${join(folder, 'state')}' }
pipeline: { batch_records: ${EACH}, concurrency: 1 }
retry: { max_elapsed: 5s }
log: { level: warn }
`,
    );
    const letters = async (): Promise<number> => {
      const at = join(folder, 'state', 'dead-letters', 'letters');
      const found = await readdir(at, { recursive: true, withFileTypes: true }).catch(() => []);
      const files = found.filter((entry) => entry.isFile());
      const texts = await Promise.all(
        files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')),
      );
      return texts.join('').split('\n').filter(Boolean).length;
    };
    return { config, letters };
  }

  beforeAll(async () => {
    const { config } = await prepare(prefix, []);
    expect((await runCli(['setup', '--config', config])).code).toBe(0);
  });

  afterAll(async () => {
    await es.call('DELETE', `/_data_stream/logs-stepsecurity.*-${prefix}*`);
    await es.call('DELETE', template);
  });

  describe('with a correct template', () => {
    beforeAll(() => install(false));
    const orders: [string, readonly string[]][] = [
      ['before', ['bad', 'good1', 'good2']],
      ['between', ['good1', 'bad', 'good2']],
      ['after', ['good1', 'good2', 'bad']],
      ['alone', ['bad']],
    ];
    test.each(orders)(
      '%s good ones: letters, and the good ones once over three runs',
      async (order, names) => {
        const namespace = `${prefix}_${order}`;
        const files = names.map((name, at): [string, string] => [
          `${at}-${name}.ndjson`,
          detections(name, name === 'bad' ? '3000000000' : '4711'),
        ]);
        const { config, letters } = await prepare(namespace, files);
        const first = await runCli(['run', '--config', config]);
        expect({ code: first.code, stderr: first.code === 3 ? '' : first.stderr }).toEqual({
          code: 3,
          stderr: '',
        });
        expect(ledgerOf(first)).toMatchObject({ read: EACH * names.length, dead_lettered: EACH });
        for (let round = 2; round <= 3; round += 1) {
          const again = await runCli(['run', '--config', config]);
          expect(again.code).toBe(0);
          expect(ledgerOf(again).read).toBe(0);
        }
        expect(await letters()).toBe(EACH);
        const uids = await uidsIn(es, `logs-stepsecurity.detection-${namespace}`);
        expect(uids).toHaveLength(EACH * (names.length - 1));
        expect(new Set(uids).size).toBe(uids.length);
      },
    );
  });

  it('stops with exit 4 and no letter when the template is wrong', async () => {
    await install(true);
    const namespace = `${prefix}_wrong`;
    const { config, letters } = await prepare(namespace, [['0.ndjson', detections('any', '1')]]);
    const { code, stderr } = await runCli(['run', '--config', config]);
    expect(code).toBe(4);
    // The first document goes alone, to show which template its stream was created from.
    expect(stderr).toMatch(/refused all 24 documents .* our own samples \(simulated\)/);
    expect(await letters()).toBe(0);
  });
});
