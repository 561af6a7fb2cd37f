import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { linksOf, MARKDOWN, ROOT, read } from './markdown.ts';

/** `npm run links` checks the links and anchors of Markdown; here is what its library does not look at. */

describe('links', () => {
  it.each(MARKDOWN)('of %s, those in HTML too, name files of the repository', (path) => {
    const missing = linksOf(path).filter(
      (link) => link.path.startsWith('..') || !existsSync(join(ROOT, link.path)),
    );
    expect(missing.map(({ target }) => target)).toEqual([]);
  });

  it('are found however they are written, but not in code blocks or to other sites', () => {
    const text = [
      '[a](gone.md), [b](gone.md#b "with a title"), [c](https://example.com/gone), [d](mailto:a@b.example)',
      '<img src="gone.png"> <source srcset="dark.png">',
      '[e]: ../gone.md',
      '```text',
      '[f](gone.md)',
      '```',
    ].join('\n');
    expect(linksOf('docs/operations.md', text).map(({ path }) => path)).toEqual([
      'docs/gone.md',
      'docs/gone.md',
      'gone.md',
      'docs/gone.png',
      'docs/dark.png',
    ]);
  });

  it('in packaged files lead to packaged files', () => {
    const { files } = JSON.parse(read('package.json')) as { files: string[] };
    const isPacked = (path: string): boolean =>
      files.some((file) => path === file || path.startsWith(`${file}/`));
    const left = MARKDOWN.filter(isPacked).flatMap((from) =>
      linksOf(from)
        .filter(({ path }) => !isPacked(path))
        .map(({ target }) => `${from}: ${target}`),
    );
    expect(left).toEqual([]);
  });
});

describe('the README', () => {
  it('links to the index, which links to every page', () => {
    const leads = (from: string): string[] => linksOf(from).map(({ path }) => path);
    expect(leads('README.md')).toContain('docs/README.md');
    const pages = MARKDOWN.filter((path) => path.startsWith('docs/') && path !== 'docs/README.md');
    expect(pages.filter((page) => !leads('docs/README.md').includes(page))).toEqual([]);
  });

  it('is short enough to read in one sitting', () => {
    expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(150);
  });
});
