import { isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';

/** Where something is in a mapping file. Made only where something is wrong with it. */
export interface Lines {
  /** Of a key or an entry, or of what is nearest to it on the way there. */
  at(path: readonly PropertyKey[]): number;
  /** Of the key of this name, else of the first text that has it. */
  of(word: string): number | undefined;
}

export function linesOf(text: string): Lines {
  const lineCounter = new LineCounter();
  const { contents } = parseDocument(text, { lineCounter });
  const lineOf = ({ range }: Node): number => lineCounter.linePos(range?.[0] ?? 0).line;

  return {
    at(path) {
      let node: unknown = contents;
      let line = 1;
      for (const key of path) {
        const [place, next] = step(node, key);
        if (!isNode(place)) return line;
        line = lineOf(place);
        node = next;
      }
      return line;
    },
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

/** What marks a member of a node, and the member. */
function step(node: unknown, key: PropertyKey): readonly [place: unknown, next: unknown] {
  if (isSeq(node)) return [node.items[Number(key)], node.items[Number(key)]];
  if (!isMap(node)) return [undefined, undefined];
  const pair = node.items.find((one) => isScalar(one.key) && one.key.value === key);
  return [pair?.key, pair?.value];
}
