import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { generate } from '../../scripts/kibana/generate.ts';
import { VERSION } from '../../src/contracts/version.ts';

/** The files that people import are the ones that scripts/kibana generates. `npm run golden` writes them. */

const FOLDER = new URL('../../deploy/elasticsearch/kibana/', import.meta.url);

test.each([...generate(VERSION)])('%s is what its sources generate', (name, text) => {
  const file = new URL(name, FOLDER);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, text);
  expect(readFileSync(file, 'utf8')).toBe(text);
});
