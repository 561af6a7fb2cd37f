import { readFileSync } from 'node:fs';
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

export interface Link {
  /** As it is written. */
  readonly target: string;
  /** From the root of the repository. */
  readonly path: string;
}

/** The links from a document, or from `text` in its place, to files in the repository, those of HTML included. */
export function linksOf(from: string, text = read(from)): Link[] {
  const plain = withoutBlocks(text);
  const written = [
    ...plain.matchAll(/\]\(<?([^)\s>]+)[^)]*\)/g),
    ...plain.matchAll(/^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)/gm),
    ...plain.matchAll(/\b(?:href|src|srcset)="([^"]+)"/g),
  ];
  return written
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z][a-z\d+.-]*:/i.test(target))
    .map((target) => {
      const [file = ''] = target.split('#');
      return { target, path: file === '' ? from : join(dirname(from), file) };
    });
}
