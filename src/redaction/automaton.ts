import { createByteReader } from './bytes.ts';

/** Called with the number of a word that was found and the index after its last character. Return true to stop. */
type Visit = (word: number, end: number) => boolean;

/**
 * Finds every occurrence of any of its words in one pass, ignoring case. May report a place where a character beyond
 * Latin-1 merely resembles one in a word, so the caller must verify.
 */
export interface Automaton {
  /** Returns whether `visit` stopped the scan. `visit` must not call this again. */
  scan(text: string, visit: Visit): boolean;
}

const BYTE = 256;

interface Node {
  readonly next: Map<number, Node>;
  readonly ends: number[];
  fail: Node | undefined;
  /** Start of its row in the table. */
  row: number;
}

/**
 * The Aho–Corasick automaton: it takes time proportional to the text, however many words there are. A pattern with two
 * hundred alternatives would try them all at every character.
 */
export function createAutomaton(words: readonly string[]): Automaton {
  const { classOf, classes } = classesOf(words);
  const nodes = trieOf(words, classOf);
  const silent = nodes.filter(({ ends }) => ends.length === 0);
  const telling = nodes.filter(({ ends }) => ends.length > 0);
  // Nodes that end a word come last, so that one comparison identifies them.
  for (const [at, node] of [...silent, ...telling].entries()) node.row = at * classes;
  const firstTelling = silent.length * classes;
  const table =
    nodes.length * classes < 2 ** 16
      ? new Uint16Array(nodes.length * classes)
      : new Uint32Array(nodes.length * classes);
  for (const node of nodes)
    for (let by = 0; by < classes; by += 1) table[node.row + by] = step(node, by)?.row ?? 0;
  const found = telling.map(({ ends }) => ends);
  const bytesOf = createByteReader();
  return {
    scan(text, visit) {
      const { length } = text;
      const bytes = bytesOf(text);
      let row = 0;
      let at = 0;
      for (;;) {
        // The entire work for nearly every character.
        while (at < length) {
          row = table[row + (classOf[bytes[at] as number] as number)] as number;
          at += 1;
          if (row >= firstTelling) break;
        }
        if (row < firstTelling) return false;
        const words = found[(row - firstTelling) / classes] ?? [];
        for (const word of words) if (visit(word, at)) return true;
        if (at >= length) return false;
      }
    },
  };
}

/** All characters that no word contains share one class, and so do both cases of a letter. */
function classesOf(words: readonly string[]): { classOf: Uint8Array; classes: number } {
  const classOf = new Uint8Array(BYTE);
  let classes = 1;
  for (const character of new Set(words.join('').toLowerCase())) {
    classOf[character.charCodeAt(0)] = classes;
    classOf[character.toUpperCase().charCodeAt(0)] = classes;
    classes += 1;
  }
  return { classOf, classes };
}

/**
 * All nodes in breadth-first order, starting with the root; each ends its own word and every word that is a suffix of
 * it.
 */
function trieOf(words: readonly string[], classOf: Uint8Array): readonly Node[] {
  const root: Node = { next: new Map(), ends: [], fail: undefined, row: 0 };
  for (const [number, word] of words.entries()) {
    let node = root;
    for (const character of word) {
      const by = classOf[character.charCodeAt(0)] ?? 0;
      const next = node.next.get(by) ?? { next: new Map<number, Node>(), ends: [], fail: undefined, row: 0 };
      node.next.set(by, next);
      node = next;
    }
    node.ends.push(number);
  }
  const nodes = [root];
  for (const node of nodes) {
    for (const [by, next] of node.next) {
      next.fail = node.fail === undefined ? root : (step(node.fail, by) ?? root);
      next.ends.push(...next.fail.ends);
      nodes.push(next);
    }
  }
  return nodes;
}

/** The node that a character leads to; undefined means back to the root. */
function step(from: Node, by: number): Node | undefined {
  for (let node: Node | undefined = from; node !== undefined; node = node.fail) {
    const next = node.next.get(by);
    if (next !== undefined) return next;
  }
  return undefined;
}
