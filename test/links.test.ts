import { describe, expect, it } from '@jest/globals';
import { brokenLinks, linksOf, MARKDOWN, read } from './markdown.ts';

describe('links', () => {
  it.each(MARKDOWN)('of %s lead somewhere', (path) => {
    expect(brokenLinks(path)).toEqual([]);
  });

  it('that are broken are found, however they are written', () => {
    const text = [
      '[a](gone.md), [b](operations.md#gone "with a title"), [c](../../outside.md), [d](#gone)',
      '<img src="gone.png">',
      '[e]: ../gone.md',
    ].join('\n');
    expect(brokenLinks('docs/operations.md', text).sort()).toEqual(
      ['#gone', '../../outside.md', '../gone.md', 'gone.md', 'gone.png', 'operations.md#gone'].sort(),
    );
  });

  it('that work are not reported, nor those in code blocks and to other sites', () => {
    const text = [
      '[a](../README.md#exit-codes), [b](https://example.com/gone), [c](mailto:a@b.example), [d](#replay)',
      '```text',
      '[e](gone.md)',
      '```',
    ].join('\n');
    expect(linksOf('docs/operations.md', text)).toHaveLength(2);
    expect(brokenLinks('docs/operations.md', text)).toEqual([]);
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
