import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { openUidFile } from '../../src/commands/verify/uid-file.ts';
import { commandLine } from '../command-line.ts';
import { rows } from '../full.ts';

/** What the program prints about detections that contain control codes for terminals and formulas for spreadsheets. */

/** All except the line breaks in our own output. */
const STEERING = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;
const inputs = (name: string): string => join(import.meta.dirname, '../hostile/inputs', name);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steering-'));
});
afterAll(() => rm(folder, { recursive: true }));
jest.setTimeout(60_000);

it.each(rows(1, ['ansi.ndjson', 'escape.json', 'hostile-fields.ndjson']))(
  '%s, in every command',
  async (name) => {
    const at = [
      '--file',
      inputs(name),
      '--state',
      join(folder, name),
      '--ndjson',
      join(folder, `${name}-out`),
    ];
    for (const args of [
      ['map', inputs(name)],
      ['map', '--schema', 'cim', inputs(name)],
      ['map', '--explain', inputs(name)],
      ['map', '--explain', '--no-json', inputs(name)],
      ['check', ...at],
      ['check', '--no-json', ...at],
      ['run', ...at.slice(0, 2), '--state', join(folder, `${name}-2`), '--ndjson', '-'],
      ['run', '--no-json', ...at],
      ['dead-letters', 'list', ...at],
      ['dead-letters', 'list', '--no-json', ...at],
      ['dead-letters', 'show', ...at],
      ['state', 'show', ...at],
      ['state', 'show', '--no-json', ...at],
    ]) {
      const { out, err } = await commandLine(args);
      expect([args.slice(0, 2), STEERING.exec(out + err)?.[0]]).toEqual([args.slice(0, 2), undefined]);
      // Without letters, their list as JSON is empty.
      if (args[0] !== 'dead-letters') expect(out + err).not.toBe('');
    }
  },
);

it('a file of uids contains no formula', async () => {
  const path = join(folder, 'uids.csv');
  const file = await openUidFile(path);
  const formulas = ['=1+1', '+1', '-1', '@x', '\t=1', '\r=1', '="a",b'];
  await file.write(
    formulas.map((kind) => ({ uid: 'u', kind, day: '', fingerprint: '', origin: kind }) as never),
  );
  await file.close();
  const cells = (await readFile(path, 'utf8')).split('\n').slice(1, -1).join(',').split(',');
  expect(cells.filter((cell) => /^"?[=+\-@\t\r]/.test(cell))).toEqual([]);
});
