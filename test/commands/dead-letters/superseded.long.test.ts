import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, test } from '@jest/globals';
import { type DeadLetters, openDeadLetters } from '../../../src/letters/dead-letters.ts';
import type { DeadLetter } from '../../../src/letters/letter.ts';
import { createFileStore } from '../../../src/state/file.ts';
import { commandLine } from '../../command-line.ts';
import { payloadOf } from '../../detections/harness.ts';
import { ledgerOf } from '../../spawn-cli.ts';
import { testContext } from '../../state/context.ts';

/** Letters for a file that was rewritten after a run could not read all of it. */

let folder: string;
let letters: DeadLetters;
const at = (name: string): string => join(folder, name);
const flags = (): string[] => ['--file', at('in'), '--ndjson', at('out.ndjson'), '--state', at('state')];
const run = () => commandLine(['run', ...flags()]);
const replay = (...words: readonly string[]) =>
  commandLine(['dead-letters', 'replay', ...flags(), ...words, '--set', 'log.level=warn']);
const detection = (id: string): string => JSON.stringify(payloadOf('Reverse-Shell', { event_id: id }));
const put = (...lines: readonly string[]): Promise<void> =>
  writeFile(at('in/a.ndjson'), lines.map((line) => `${line}\n`).join(''));
const left = async (): Promise<DeadLetter[]> => {
  const found: DeadLetter[] = [];
  for await (const file of letters.files()) found.push(...file.letters);
  return found;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'superseded-'));
  letters = openDeadLetters(
    await createFileStore({ type: 'file', path: at('state/dead-letters') }, testContext()),
  );
  await mkdir(at('in'));
  await put(detection('a'), '{"id": broken}');
  expect((await run()).code).toBe(3);
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

it('fixed, and read by a run: the letters are settled and counted', async () => {
  const [letter] = await left();
  if (letter === undefined) throw new Error('no letter');
  const { origin } = letter;
  await letters.write([
    { ...letter, id: 'whole', whole: true, text: '' },
    {
      ...letter,
      id: 'rest',
      text: '',
      rest: {
        count: 3,
        last: 9,
        spans: [
          [
            [0, 0],
            [9, 0],
          ],
        ],
      },
    },
    { ...letter, id: 'other', origin: { ...origin, uri: at('other.ndjson') } },
  ]);
  await put(detection('a'), detection('b'));
  expect((await run()).code).toBe(0);
  const settled = await replay();
  expect(settled.err).toContain('was rewritten, and a run has read all of it');
  expect(ledgerOf(settled)).toMatchObject({
    read: 6,
    filtered: 5,
    filters: { superseded: 5 },
    dead_lettered: 1,
    exit_code: 3,
  });
  expect((await left()).map(({ id }) => id)).toEqual(['other']);
  expect((await commandLine(['dead-letters', 'discard', 'other', '--yes', ...flags()])).code).toBe(0);
  expect(ledgerOf(await replay())).toMatchObject({ read: 0, exit_code: 0 });
  expect(await readFile(at('out.ndjson'), 'utf8')).toContain('"b"');
});

test.each<[string, RegExp, () => Promise<unknown>]>([
  ['that no run has read since', /no run is known to have read it since/, () => put(detection('a'))],
  [
    'that still has a fault',
    /still has faults/,
    async () => {
      await put(detection('a'), 'nor this');
      await run();
    },
  ],
  [
    'that holds nothing by now',
    /contains nothing/,
    async () => {
      await put('');
      await run();
    },
  ],
  ['that is gone', /is gone/, () => rm(at('in/a.ndjson')).then(() => writeFile(at('in.ndjson.gz'), ''))],
])('of a file %s they stay, and the command says why', async (_, reason, change) => {
  const before = await left();
  await change();
  const { code, err } = await replay();
  expect([code, err]).toEqual([3, expect.stringMatching(reason)]);
  expect(err).toContain('dead-letters discard ID');
  expect((await left()).map(({ id }) => id)).toEqual(expect.arrayContaining(before.map(({ id }) => id)));
});

test('they stay when the run delivered to another sink', async () => {
  await put(detection('a'), detection('b'));
  await run();
  expect((await replay('--set', `sink.path=${at('elsewhere.ndjson')}`)).code).toBe(3);
  expect((await replay()).code).toBe(0);
});

test('a letter that names its detection is sent, not settled', async () => {
  const [letter] = await left();
  if (letter === undefined) throw new Error('no letter');
  await letters.write([{ ...letter, id: 'known', uid: 'u', kind: 'Reverse-Shell', text: detection('c') }]);
  await put(detection('a'), detection('b'));
  await run();
  expect(ledgerOf(await replay())).toMatchObject({ read: 2, filtered: 1, delivered: 1, exit_code: 0 });
});
