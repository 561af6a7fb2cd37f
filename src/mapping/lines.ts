import { LineCounter, type Node, parseDocument, visit } from 'yaml';
import { lineIn } from '../text/yaml-lines.ts';

/** Line numbers in a mapping file. Created only to report a problem. */
export interface Lines {
  /** The line of a key or an entry, or of its nearest existing ancestor. */
  at(path: readonly PropertyKey[]): number;
  /** The line of the key with this name, otherwise of the first value that contains it. */
  of(word: string): number | undefined;
}

export function linesOf(text: string): Lines {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const { contents } = document;
  const lineOf = ({ range }: Node): number => lineCounter.linePos(range?.[0] ?? 0).line;

  return {
    at: (path) => lineIn(document, lineCounter, path) ?? 1,
    of(word) {
      let key: Node | undefined;
      let value: Node | undefined;
      visit(contents, {
        Scalar(role, scalar) {
          if (role === 'key' && scalar.value === word) key ??= scalar;
          if (role !== 'key' && String(scalar.value).includes(word)) value ??= scalar;
        },
      });
      const found = key ?? value;
      return found === undefined ? undefined : lineOf(found);
    },
  };
}
