import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { globSync } from 'tinyglobby';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const made = ['node_modules', 'dist', 'out', 'build', 'coverage'];

/** Every Markdown file in the repository. */
export const MARKDOWN: readonly string[] = globSync('**/*.md', {
  cwd: ROOT,
  ignore: made.map((folder) => `**/${folder}/**`),
}).sort();

/** The documents whose blocks are run and checked, in this order: later ones use the files that earlier ones make. */
const DOCUMENTS: readonly string[] = [
  ...new Set([
    'README.md',
    'docs/getting-started/elasticsearch.md',
    ...MARKDOWN.filter((path) => path.startsWith('docs/getting-started/')),
    ...MARKDOWN.filter((path) => path.startsWith('docs/')),
    'CONTRIBUTING.md',
    'CHANGELOG.md',
  ]),
];

export interface Block {
  /** `README.md:27`. */
  readonly at: string;
  readonly language: string;
  readonly text: string;
}

export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The fenced blocks of a document. Throws on a fence without a language, since no test would check its content. */
function blocksOf(path: string): Block[] {
  const blocks: Block[] = [];
  let open: { at: string; language: string; lines: string[] } | undefined;
  for (const [index, line] of read(path).split('\n').entries()) {
    const fence = /^```(\w*)$/.exec(line);
    if (fence === null) open?.lines.push(line);
    else if (open === undefined) open = { at: `${path}:${index + 1}`, language: fence[1] ?? '', lines: [] };
    else {
      if (open.language === '') throw new Error(`${open.at}: a block without a language`);
      blocks.push({ at: open.at, language: open.language, text: open.lines.join('\n') });
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`${open.at}: a block without an end`);
  return blocks;
}

export const blocks: readonly Block[] = DOCUMENTS.flatMap(blocksOf);

const withoutBlocks = (text: string): string => text.replaceAll(/^```[\s\S]*?^```$/gm, '');

/** The document without its code blocks. */
export const prose = (path: string): string => withoutBlocks(read(path));

/** Anchors as GitHub derives them from headings: a repeated heading gets a number. */
function anchorsOf(path: string): string[] {
  const seen = new Map<string, number>();
  return [...prose(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
      .replaceAll(' ', '-');
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
}

export interface Link {
  /** As it is written. */
  readonly target: string;
  /** From the root of the repository. */
  readonly path: string;
  readonly anchor: string | undefined;
}

/** The links from a document, or from `text` in its place, to files in the repository. */
export function linksOf(from: string, text = read(from)): Link[] {
  const plain = withoutBlocks(text);
  const written = [
    ...plain.matchAll(/\]\(<?([^)\s>]+)[^)]*\)/g),
    ...plain.matchAll(/^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)/gm),
    ...plain.matchAll(/\b(?:href|src)="([^"]+)"/g),
  ];
  return written
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z][a-z\d+.-]*:/i.test(target))
    .map((target) => {
      const [file = '', anchor] = target.split('#');
      return { target, path: file === '' ? from : join(dirname(from), file), anchor };
    });
}

/** The links that are broken. */
export function brokenLinks(from: string, text?: string): string[] {
  return linksOf(from, text)
    .filter(({ path, anchor }) => {
      if (path.startsWith('..') || !existsSync(join(ROOT, path))) return true;
      return anchor !== undefined && !anchorsOf(path).includes(anchor);
    })
    .map(({ target }) => target);
}
