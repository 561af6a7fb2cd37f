import { LineCounter, type Node, parseDocument, visit } from 'yaml';
import { lineIn } from '../text/yaml-lines.ts';

/** Where something is in a mapping file. Made only where something is wrong with it. */
export interface Lines {
  /** Of a key or an entry, or of what is nearest to it on the way there. */
  at(path: readonly PropertyKey[]): number;
  /** Of the key of this name, else of the first text that has it. */
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
