import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from '@jest/globals';
import { globSync } from 'tinyglobby';
import { commandLine } from '../command-line.ts';
import { ledgerOf } from '../spawn-cli.ts';
import { receiving } from './receiving.ts';

/** Our samples, and what the vendor publishes: webhook bodies, pretty-printed, and an Insights document. */
const BODIES = globSync(
  [
    'samples/*.json',
    'test/mapping/published/doc-2*.json',
    'test/receive/payloads/*.json',
    'test/detections/inputs/doc-22-insights.json',
  ],
  { absolute: true },
);

/** Ids of documents, without the parts that depend on the place. */
function documentsIn(file: string): string[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => (JSON.parse(line) as { event: { id: string } }).event.id).sort();
}

it('a received body becomes the same documents as the same content in a folder', async () => {
  await receiving(async ({ folder, post }) => {
    const [config, plain] = [join(folder, 'config.yaml'), join(folder, 'plain')];
    mkdirSync(plain);
    for (const file of BODIES) {
      copyFileSync(file, join(plain, basename(file)));
      expect((await post(readFileSync(file))).status).toBe(200);
    }
    const received = ledgerOf(await commandLine(['run', '-c', config]));
    const elsewhere = ['--file', plain, '--ndjson', `${folder}/direct`, '--state', `${folder}/other`];
    const direct = ledgerOf(await commandLine(['run', '-c', config, ...elsewhere]));
    const { delivered, dead_lettered, filters } = direct;
    expect(received).toMatchObject({ delivered, dead_lettered, filters });
    expect(delivered).toBeGreaterThan(20);
    expect(documentsIn(join(folder, 'out'))).toEqual(documentsIn(join(folder, 'direct')));
  });
});
