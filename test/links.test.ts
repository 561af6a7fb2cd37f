import { describe, expect, it } from '@jest/globals';
import { brokenLinks, linksOf, MARKDOWN, read } from './markdown.ts';

describe('links', () => {
  it.each(MARKDOWN)('of %s lead somewhere', (path) => {
    expect(brokenLinks(path)).toEqual([]);
  });

  it('that lead nowhere are seen, however they are written', () => {
    const text = [
      '[a](gone.md), [b](operations.md#gone "with a title"), [c](../../outside.md), [d](#gone)',
      '<img src="gone.png">',
      '[e]: ../gone.md',
    ].join('\n');
    expect(brokenLinks('docs/operations.md', text).sort()).toEqual(
      ['#gone', '../../outside.md', '../gone.md', 'gone.md', 'gone.png', 'operations.md#gone'].sort(),
    );
  });

  it('that lead somewhere are not, nor those in blocks and to other places', () => {
    const text = [
      '[a](../README.md#exit-codes), [b](https://example.com/gone), [c](mailto:a@b.example), [d](#replay)',
      '```text',
      '[e](gone.md)',
      '```',
    ].join('\n');
    expect(linksOf('docs/operations.md', text)).toHaveLength(2);
    expect(brokenLinks('docs/operations.md', text)).toEqual([]);
  });

  it('of what is packed lead to what is packed', () => {
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
  it('leads to every page', () => {
    const pages = MARKDOWN.filter((path) => path.startsWith('docs/'));
    const linked = linksOf('README.md').map(({ path }) => path);
    expect(pages.filter((page) => !linked.includes(page))).toEqual([]);
  });

  it('can be read in one go', () => {
    expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(250);
  });
});
