import { randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';
import { detection } from '../bench/generate.ts';
import { cluster, countIn, freshNamespace } from './elasticsearch.ts';
import { freshBucket, s3At } from './export.ts';
import { ledgerOf, runCli } from './process.ts';
import { describeWith, need } from './require.ts';

const KILLS = 30;
/** The most objects of one form. */
const OBJECTS = 6;
/** The size of the uncompressed object; set CRASH_BYTES=1073741824 for a nightly run. */
const BYTES = Number(process.env.CRASH_BYTES ?? 128 * 2 ** 20);
const RECORD_BYTES = 128 * 2 ** 10;

describeWith(['ELASTICSEARCH_URL', 'S3_ENDPOINT'], 'killed at random moments over one good object', () => {
  test.each([
    ['plain', BYTES],
    ['compressed', BYTES / 2],
  ])(
    'that is %s and large: no letter, and every detection once',
    async (form, bytes) => {
      const s3 = s3At(need('S3_ENDPOINT'));
      const bucket = await freshBucket(s3, 'quarantine');
      const es = cluster(need('ELASTICSEARCH_URL'));
      const namespace = freshNamespace('quarantine');
      const config = await writeConfig(bucket, namespace);
      expect((await runCli(['setup', '--config', config])).code).toBe(0);
      // A run with nothing to read measures the start of the program, which is most of what the first kills hit.
      const began = Date.now();
      expect((await runCli(['run', '--config', config])).code).toBe(0);
      const startMs = Date.now() - began;

      const each = Math.floor(bytes / RECORD_BYTES);
      let records = 0;
      const kills = { killed: 0, moved: 0 };
      // On a busy machine, a run may end sooner than it is killed: then the next object proves more.
      for (let object = 0; object < OBJECTS && !isProof(kills); object += 1) {
        const content = contentOf(records, each);
        records += each;
        const Body = form === 'plain' ? content : gzipSync(content);
        await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `detections/large-${object}`, Body }));
        await killRuns(config, startMs, kills);
      }
      expect([kills, isProof(kills)]).toEqual([kills, true]);
      const end = await runCli(['run', '--config', config]);
      expect({ code: end.code, stderr: end.stderr }).toEqual({
        code: 0,
        stderr: expect.not.stringContaining('error'),
      });
      expect((await runCli(['dead-letters', 'list', '--config', config])).stdout).not.toContain(
        'killed_process',
      );
      expect(ledgerOf(end).checkpoint?.totals).toMatchObject({ read: records, dead_lettered: 0 });

      const stream = `logs-stepsecurity.detection-${namespace}`;
      expect(await countIn(es, stream)).toEqual({ documents: records, distinct: records });
      await es.call('DELETE', `/_data_stream/${stream}`);
    },
    600_000,
  );
});

interface Kills {
  killed: number;
  /** Kills after progress. */
  moved: number;
}

/** Fewer would prove nothing. */
const isProof = ({ killed, moved }: Kills): boolean => killed > 5 && moved > 1;

/** Kills runs until one of them ends by itself. */
async function killRuns(config: string, startMs: number, kills: Kills): Promise<void> {
  let point = '';
  let afterMs = startMs;
  let stuck = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    // A third death in a row without progress would make the object a dead letter, as it should.
    const part = stuck < 2 ? 0.7 + Math.random() * 0.6 : 4;
    const { signal } = await runCli(['run', '--config', config], { killAfterMs: afterMs * part });
    if (signal !== 'SIGKILL') return;
    kills.killed += 1;
    const { stdout } = await runCli(['state', 'show', '--config', config]);
    const now = /partly read: [^"]*/.exec(stdout)?.[0] ?? '';
    if (now !== point) kills.moved += 1;
    stuck = now === point ? stuck + 1 : 0;
    // About as many runs are killed before they make progress as after, however slow the machine is.
    afterMs *= now === point ? 1.15 : 0.9;
    point = now;
  }
}

/** Records that are small to send and large to read: whitespace between tokens takes no space in the destination. */
function contentOf(from: number, records: number): Buffer {
  // Two characters in random order: a single one would compress beyond what `limits.expansion` allows.
  const blanks = [...randomBytes(RECORD_BYTES - 2_048)].map((byte) => ' \t'[byte & 1]).join('');
  const lines: Buffer[] = [];
  for (let at = from; at < from + records; at += 1) {
    const text = JSON.stringify(detection(17, at));
    lines.push(Buffer.from(`{${blanks}${text.slice(1)}\n`));
  }
  return Buffer.concat(lines);
}

async function writeConfig(bucket: string, namespace: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'quarantine-'));
  const connection = `endpoint: ${need('S3_ENDPOINT')}, force_path_style: true, region: us-east-1, bucket: ${bucket}`;
  const path = join(folder, 'config.yaml');
  await writeFile(
    path,
    `source: { type: s3, ${connection}, prefixes: [detections/], start: beginning }
sink: { type: elasticsearch, urls: ['${need('ELASTICSEARCH_URL')}'], namespace: ${namespace} }
state: { type: s3, ${connection}, prefix: state }
dead_letters: { store: { type: s3, ${connection}, prefix: letters } }
pipeline: { concurrency: 1, batch_records: 4 }
log: { level: warn }
`,
  );
  return path;
}
