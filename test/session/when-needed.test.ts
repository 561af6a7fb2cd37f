import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { routeOf } from '../../src/config/route.ts';
import { configSchema } from '../../src/config/schema.ts';
import { sampleRecords } from '../../src/session/samples.ts';
import { transformFor } from '../../src/session/transform.ts';
import { transformWhenNeeded } from '../../src/session/when-needed.ts';
import { commandLine } from '../command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'when-needed-'));
afterAll(() => rmSync(folder, { recursive: true }));

const config = {
  source: { type: 'file', path: join(folder, '*.ndjson') },
  sink: { type: 'ndjson', path: '-' },
  state: { type: 'file', path: join(folder, 'state') },
};

it('does the same as one that is created immediately', async () => {
  const route = routeOf(configSchema.parse(config));
  const documents = ({ decode, map }: Pick<ReturnType<typeof transformFor>, 'decode' | 'map'>): string[] =>
    [...decode(sampleRecords(), 0)].flatMap(({ entries }) =>
      [...entries].flatMap((entry) =>
        'detection' in entry ? map(entry.detection).map(({ json }) => json.toString()) : [],
      ),
    );
  const late = transformWhenNeeded(route);
  expect(() => documents(late)).toThrow('before it was ready');
  await Promise.all([late.ready(), late.ready()]);
  expect(documents(late)).toEqual(documents(transformFor(route)));
  expect(documents(late).length).toBeGreaterThan(50);
});

it("finds errors in the operator's own mappings before a run with nothing to read succeeds", async () => {
  const own = join(folder, 'own');
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify({ ...config, mapping: { path: own } }));
  const { code, err } = await commandLine(['run', '--config', join(folder, 'config.yaml')]);
  expect([code, err]).toEqual([2, expect.stringContaining(own)]);
});
