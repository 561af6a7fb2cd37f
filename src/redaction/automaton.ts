import { createByteReader } from './bytes.ts';

/** Where a word was found: its number, and the index behind its last character. Stop looking on true. */
type Visit = (word: number, end: number) => boolean;

/**
 * Finds every place of any of its words in one pass, in whatever letter case. It may name a place where a character beyond
 * Latin-1 only looks like one of a word: who asks looks again.
 */
export interface Automaton {
  /** Whether `visit`, which must not come back here, stopped it. */
  scan(text: string, visit: Visit): boolean;
}

const BYTE = 256;

interface Node {
  readonly next: Map<number, Node>;
  readonly ends: number[];
  fail: Node | undefined;
  /** Where its row begins in the table. */
  row: number;
}

/**
 * Aho and Corasick's automaton: its time is that of the text, however many words there are. A pattern of two hundred
 * alternatives would try them all at every character.
 */
export function createAutomaton(words: readonly string[]): Automaton {
  const { classOf, classes } = classesOf(words);
  const nodes = trieOf(words, classOf);
  const silent = nodes.filter(({ ends }) => ends.length === 0);
  const telling = nodes.filter(({ ends }) => ends.length > 0);
  // Those that end a word come last: one comparison tells them.
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
        // All that is done for nearly every character.
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

/** Characters that no word has are one class, and so are both cases of a letter. */
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

/** All nodes, the root first, each after those that are nearer to it; each ends its own word and those that end it. */
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

/** Where a character leads from a node; undefined for back to the root. */
function step(from: Node, by: number): Node | undefined {
  for (let node: Node | undefined = from; node !== undefined; node = node.fail) {
    const next = node.next.get(by);
    if (next !== undefined) return next;
  }
  return undefined;
}
