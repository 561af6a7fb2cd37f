import { join } from 'node:path';
import { expect, it, jest } from '@jest/globals';
import { DEFAULT_SCHEMA, SCHEMAS, type Schema } from '../../src/contracts/schema.ts';
import { elasticsearchSchema } from '../../src/sinks/elasticsearch/options.ts';
import { setUp } from '../../src/sinks/elasticsearch/setup.ts';
import { linesOf } from '../../src/sinks/ndjson/lines.ts';
import { randomOf } from '../bench/generate.ts';
import { FULL, itInFull } from '../full.ts';
import { describeWith, need } from '../services/require.ts';
import { upTo } from './families/family.ts';
import { accountFor } from './fuzz/account.ts';
import { type FuzzedObject, objectOf } from './fuzz/objects.ts';
import { createMaker } from './fuzz/records.ts';
import { readPayloads } from './fuzz/samples.ts';
import { sharedUids } from './fuzz/uids.ts';
import { inFolder, scratch, toElasticsearch } from './places.ts';
import { program, type Run } from './program.ts';

/** A nightly run makes a hundred times as many as CI; the seed of a failed run makes the same records again. */
const RECORDS = Number(process.env['FUZZ_RECORDS'] ?? (FULL ? 10_000 : 300));
/** `npm test` should judge the code, not chance: it uses the same records each time. */
const SEED = Number(process.env['FUZZ_SEED'] ?? (FULL ? Date.now() % 1_000_000 : 15));
/** Records in one run of the program. */
const PER_RUN = 10_000;
/** The most records in one object. */
const PER_OBJECT = 300;
const PEAK_MIB = 256;

jest.setTimeout(24 * 3_600_000);

const payloads = readPayloads();

/** Objects with this many records; every run has its own seed, so that it can be repeated alone. */
function objectsOf(count: number, seed: number): Record<string, FuzzedObject> {
  const random = randomOf(seed);
  const make = createMaker(payloads, random);
  const objects: Record<string, FuzzedObject> = {};
  for (let from = 0; from < count; ) {
    const size = Math.min(count - from, 1 + upTo(random, PER_OBJECT));
    const name = `${String(from).padStart(6, '0')}.json`;
    let nth = from;
    objects[name] = objectOf((foreign) => make(nth++, foreign), size, random);
    from += size;
  }
  return objects;
}

async function allLines(path: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(path)) lines.push(line);
  return lines;
}

/** What every run must satisfy, whatever the input. */
function hold({ code, ledger, stderr, peakMiB }: Run): void {
  expect({ code, error: ledger.error }).toEqual({ code: ledger.dead_lettered > 0 ? 3 : 0, error: undefined });
  expect(stderr).not.toMatch(/\n\s+at |Error:/);
  expect(ledger.read).toBe(ledger.delivered + ledger.duplicate + ledger.dead_lettered + ledger.filtered);
  expect(ledger.complete).toBe(true);
  expect(peakMiB).toBeLessThanOrEqual(PEAK_MIB);
}

it(`${RECORDS} fuzzed records are each accounted for (FUZZ_SEED=${SEED})`, async () => {
  for (let run = 0; run * PER_RUN < RECORDS; run += 1) {
    const seed = SEED + run;
    const count = Math.min(PER_RUN, RECORDS - run * PER_RUN);
    const schema = SCHEMAS[run % SCHEMAS.length] ?? DEFAULT_SCHEMA;
    if (RECORDS > PER_RUN) process.stderr.write(`FUZZ_SEED=${seed}: ${count} records into ${schema}\n`);
    await through(objectsOf(count, seed), schema);
  }
});

for (const schema of SCHEMAS.filter((one) => one !== DEFAULT_SCHEMA))
  itInFull(`and the same in ${schema} (FUZZ_SEED=${SEED})`, () =>
    through(objectsOf(Math.min(RECORDS, PER_RUN), SEED), schema),
  );

async function through(objects: Record<string, FuzzedObject>, schema: Schema): Promise<void> {
  const { path, remove } = await scratch();
  try {
    const bytes = Object.fromEntries(Object.entries(objects).map(([name, one]) => [name, one.bytes]));
    const from = await inFolder(path, bytes);
    const out = join(path, 'out.ndjson');
    const { run, letters } = await program(
      path,
      from,
      { options: { type: 'ndjson', path: out, schema } },
      { log: { level: 'error' } },
    );
    const first = await run();
    hold(first);
    const documents = await allLines(out);
    expect(sharedUids(documents)).toEqual([]);
    const { ledger } = first;
    const found = await letters();
    const { faults, leftOut, exact } = accountFor({
      documents,
      letters: found,
      objects: new Map(Object.entries(objects).map(([name, one]) => [join(path, 'in', name), one])),
    });
    expect(faults).toEqual([]);
    expect(ledger.delivered).toBe(documents.length);
    expect(ledger.dead_lettered).toBe(found.reduce((sum, { rest }) => sum + (rest?.count ?? 1), 0));
    expect(
      Object.keys(ledger.filters).filter((name) => name !== 'insights' && name !== 'empty_group'),
    ).toEqual([]);
    if (exact) expect(ledger.filtered).toBe(leftOut);
    else expect(ledger.filtered).toBeGreaterThanOrEqual(leftOut);
    const again = await run();
    expect(again.ledger).toMatchObject({ read: 0, exit_code: 0, complete: true });
  } finally {
    await remove();
  }
}

describeWith(['ELASTICSEARCH_URL'], 'a real Elasticsearch', () => {
  it(`rejects no document of fuzzed records (FUZZ_SEED=${SEED})`, async () => {
    const options = elasticsearchSchema.parse({ urls: [need('ELASTICSEARCH_URL')] });
    for await (const _ of setUp(options, new AbortController().signal, false));
    const { path, remove } = await scratch();
    const to = toElasticsearch();
    try {
      const objects = Object.entries(objectsOf(2_000, SEED)).map(
        ([name, { bytes }]) => [name, bytes] as const,
      );
      const from = await inFolder(path, Object.fromEntries(objects));
      const { run, letters } = await program(path, from, to, { log: { level: 'error' } });
      hold(await run());
      expect((await letters()).filter(({ stage }) => stage === 'write')).toEqual([]);
    } finally {
      await to.close();
      await remove();
    }
  });
});
