import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The documents whose blocks are run and checked, in the order a reader meets them. */
export const DOCUMENTS = ['README.md', 'docs/operations.md', 'CHANGELOG.md'] as const;

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

export interface Block {
  /** `README.md:27`. */
  readonly at: string;
  readonly language: string;
  readonly text: string;
}

export const read = (path: string): string => readFileSync(`${ROOT}/${path}`, 'utf8');

/** The fenced blocks of a document. Throws on a fence without a language: nobody would check what is in it. */
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

/** The document without its blocks. */
export function prose(path: string): string {
  return read(path).replaceAll(/^```[\s\S]*?^```$/gm, '');
}

/** Anchors as GitHub makes them of headings. */
export function anchorsOf(path: string): string[] {
  return [...prose(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
