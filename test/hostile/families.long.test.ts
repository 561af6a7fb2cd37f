import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { defaultShaping } from '../../src/config/shaping.ts';
import { readObjects } from '../../src/objects/reader.ts';
import { processBatch } from '../../src/pipeline/batch.ts';
import { createBugs } from '../../src/pipeline/bugs.ts';
import { type Stages } from '../../src/pipeline/stages.ts';
import { transformOf } from '../../src/session/transform.ts';
import { linesOf } from '../../src/sinks/ndjson/lines.ts';
import { randomOf } from '../bench/generate.ts';
import { isSteep } from '../cost.ts';
import { payloadOf } from '../detections/harness.ts';
import { FULL, sized } from '../full.ts';
import { testContext } from '../objects/harness.ts';
import { batchOf, burialOf, DELIVERED, never, quiet, sinkOf } from '../pipeline/harness.ts';
import { FAMILIES, type Family } from './families/index.ts';
import { inFolder, type Objects, scratch } from './places.ts';
import { type Program, program, type Run } from './program.ts';

const SEED = 14;
const PEAK_MIB = 256;
/** Three times the linear cost: the machine has other work as well. */
const STEEPEST = 30;
/** Below this, most of the time is the start of the program. */
const SHORTEST_SECONDS = 0.05;
/** In this process, where the cost of starting a program does not hide any other. */
const SMALLER = 4;

const good = (name: string): Buffer =>
  Buffer.from(
    `${JSON.stringify(payloadOf('Reverse-Shell', { event_id: name, run_id: name, detection: name }))}\n`,
  );

const made = ({ make }: Family, size: number): Buffer => make(size, randomOf(SEED));

interface Place {
  readonly folder: string;
  readonly started: Program;
  /** How often each good detection was delivered. */
  readonly arrived: () => Promise<Record<string, number>>;
}

async function within(objects: Objects, work: (place: Place) => Promise<void>): Promise<void> {
  const { path, remove } = await scratch();
  const file = join(path, 'out.ndjson');
  try {
    const started = await program(
      path,
      await inFolder(path, objects),
      { options: { type: 'ndjson', path: file } },
      { log: { level: 'error' } },
    );
    await work({
      folder: join(path, 'in'),
      started,
      async arrived() {
        const counts: Record<string, number> = {};
        for await (const line of linesOf(file)) {
          const name = /good-\w+/.exec(line)?.[0];
          if (name !== undefined) counts[name] = (counts[name] ?? 0) + 1;
        }
        return counts;
      },
    });
  } finally {
    await remove();
  }
}

/** Runs until everything is settled: an object that cannot be read is given up in the third run. */
async function settle({ run }: Program): Promise<Run[]> {
  const runs: Run[] = [];
  while (runs.length < 3) {
    const one = await run();
    hold(one);
    runs.push(one);
    if (one.code !== 4) return runs;
  }
  throw new Error(`not settled after three runs: ${runs.at(-1)?.stderr}`);
}

/** What every run must satisfy. */
function hold({ code, ledger, stderr, peakMiB }: Run): void {
  expect(stderr).not.toMatch(/\n\s+at /);
  expect([0, 3, 4]).toContain(code);
  const { read, delivered, duplicate, dead_lettered, filtered } = ledger;
  expect(read).toBe(delivered + duplicate + dead_lettered + filtered);
  expect(peakMiB).toBeLessThanOrEqual(PEAK_MIB);
}

const nameOf = (at: number): string => String(at).padStart(2, '0');

it('one of every family, between good ones: each good one arrives once, in bounded memory', async () => {
  const objects: Record<string, Buffer> = { '00-good': good('good-00') };
  FAMILIES.forEach((family, nth) => {
    objects[`${nameOf(nth + 1)}-hostile`] = made(family, Math.ceil(family.medium / sized(1, 8)));
    objects[`${nameOf(nth + 1)}-later`] = good(`good-${nameOf(nth + 1)}`);
  });
  await within(objects, async ({ started, arrived }) => {
    await settle(started);
    const last = await started.run();
    hold(last);
    expect(last.code).toBe(0);
    expect(last.ledger).toMatchObject({ read: 0, complete: true });
    const names = [0, ...FAMILIES.map((_, nth) => nth + 1)].map(nameOf);
    expect(await arrived()).toEqual(Object.fromEntries(names.map((at) => [`good-${at}`, 1])));
  });
});

/** Compiled once: compiling would cost more than most of what is measured. */
const TRANSFORM = transformOf(defaultShaping(), { schema: 'ecs' });

/** Reads, decodes and maps one object as a run does, into a sink that accepts everything. */
async function throughStages(bytes: Buffer): Promise<void> {
  async function* refs() {
    yield { uri: 'mem:m', key: 'm', version: '1', size: bytes.length, modified: 0 };
  }
  const stages: Stages = {
    ...TRANSFORM,
    sink: sinkOf(async (documents) => documents.map(() => DELIVERED)),
    burial: burialOf(async () => undefined),
    bugs: createBugs(quiet),
  };
  const options = {
    ...testContext(),
    batch: { maxBytes: 2 ** 20, maxRecords: 1_000 },
    source: 'file',
    open: async () => Readable.from([bytes]),
    stop: never,
    abort: never,
  } as const;
  for await (const { records } of readObjects(refs(), options)) {
    if (records.length > 0) await processBatch(batchOf(records), stages, never);
  }
}

it.each(FAMILIES)('$name: eight times the size costs no more than its share', async (family) => {
  const prepare = (size: number) => {
    const bytes = made(family, size);
    return () => throughStages(bytes);
  };
  expect(await isSteep(prepare, Math.ceil(family.medium / SMALLER))).toBe(false);
});

if (FULL) {
  describe('a program of its own for', () => {
    it.each(FAMILIES)('$name: ten times the size costs no more than its share', async (family) => {
      const objects = { a: good('good-a'), m: made(family, family.medium), n: good('good-n') };
      await within(objects, async ({ folder, started, arrived }) => {
        const [medium] = await settle(started);
        // CPU seconds of a run with nothing to do.
        const start = (await started.run()).cpuSeconds;
        await writeFile(join(folder, 'x'), made(family, family.medium * 10));
        await writeFile(join(folder, 'z'), good('good-z'));
        const [large] = await settle(started);
        const { objects_listed: listed, objects_read: read = 0 } = large?.ledger.counters ?? {};
        expect(listed).toBe(5);
        // Settled objects are not read again. An object that breaks off does not count as read.
        expect(read).toBeLessThanOrEqual(2);
        expect(await arrived()).toEqual({ 'good-a': 1, 'good-n': 1, 'good-z': 1 });
        const [less, more] = [medium, large].map((run) => (run?.cpuSeconds ?? Number.NaN) - start);
        expect(more).toBeLessThan(STEEPEST * Math.max(less ?? 0, SHORTEST_SECONDS));
      });
    });
  });
}
