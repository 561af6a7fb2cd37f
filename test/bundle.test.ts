import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ROOT } from './markdown.ts';
import { cli } from './spawn-cli.ts';

const { noticesOf } = (await import(join(ROOT, 'scripts/notices.js'))) as {
  noticesOf: (files: readonly string[]) => string;
};

const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of a library under this licence. */
function libraryOf(license: string | undefined): string {
  const library = join(folder, 'node_modules', `of-${license}`);
  mkdirSync(join(library, 'esm'), { recursive: true });
  writeFileSync(
    join(library, 'package.json'),
    JSON.stringify({ name: 'library', version: '1.2.3', license }),
  );
  writeFileSync(join(library, 'LICENSE.md'), 'You may.');
  writeFileSync(join(library, 'esm/package.json'), '{"type":"module"}');
  return join(library, 'esm/index.js');
}

describe('what is bundled', () => {
  it('has its licences beside it', () => {
    const notices = readFileSync(join(ROOT, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
    for (const name of ['zod', 'yaml', '@aws-sdk/client-s3', '@elastic/elasticsearch'])
      expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
  });

  it('names each library once, with its texts', () => {
    const file = libraryOf('MIT');
    const notices = noticesOf(['src/cli.ts', file, file]);
    expect(notices.match(/library 1\.2\.3 \(MIT\)\n\nYou may\./g)).toHaveLength(1);
  });

  it.each(['GPL-3.0-only', undefined])('is never under a licence that nobody looked at: %s', (license) => {
    expect(() => noticesOf([libraryOf(license)])).toThrow(`library 1.2.3 is licensed as ${license}`);
  });
});

it('a stack names our own files and lines with --enable-source-maps', async () => {
  const preload = join(folder, 'broken.mjs');
  writeFileSync(preload, "String.prototype.trimEnd = () => { throw new TypeError('broken'); };");
  const { code, err } = await cli(['schema'], {
    flags: ['--enable-source-maps', `--import=${preload}`],
  });
  expect(code).toBe(1);
  expect(err).toMatch(/at .*src\/commands\/schema\/command\.ts:\d+:\d+/);
});

it('what V8 compiled is kept beside the program, where Node can keep it', async () => {
  const canKeep = 'enableCompileCache' in module;
  const kept = join(ROOT, 'dist/compile-cache');
  rmSync(kept, { recursive: true, force: true });
  await cli(['schema']);
  expect(existsSync(kept)).toBe(canKeep);
});
