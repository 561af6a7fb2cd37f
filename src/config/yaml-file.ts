import { readFileSync } from 'node:fs';
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { ConfigError } from '../contracts/errors.ts';

/** A configuration as it is written. */
export interface Written {
  /** As YAML gives it, nothing replaced or checked. */
  readonly tree: unknown;
  /** The line of a key, or of the nearest one above it that is written; undefined where none is. */
  lineOf(path: readonly PropertyKey[]): number | undefined;
}

/** Standard input. */
const STANDARD = '-';

/** What goes wrong most, in words; the parser's own message quotes the line, which may hold a secret. */
const FAULTS: Readonly<Record<string, string>> = {
  BAD_ALIAS: 'an alias that cannot be used here',
  BAD_INDENT: 'this line is indented by another number of blanks than those around it',
  BLOCK_AS_IMPLICIT_KEY: 'a key and its value need lines of their own here',
  DUPLICATE_KEY: 'this key comes twice',
  MISSING_CHAR: 'a quote, bracket or comma is missing',
  MULTIPLE_DOCS: 'a second document begins; expected one',
  MULTILINE_IMPLICIT_KEY: 'a colon is missing, or a text goes on in the next line',
  TAB_AS_INDENT: 'a tab; indent by blanks',
  UNEXPECTED_TOKEN: 'unexpected here; quote texts that hold special characters',
};

const UNREADABLE: Readonly<Record<string, string>> = {
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder',
  ENOENT: 'there is no such file',
};

/** Reads a file, `-` being standard input. Throws `ConfigError` that names file, line and column, and quotes nothing. */
export function readYaml(file: string): Written {
  const name = nameOf(file);
  const lines = new LineCounter();
  const document = parseDocument(textOf(file), { merge: true, lineCounter: lines });
  const [first] = document.errors;
  if (first !== undefined) {
    const { line, col } = lines.linePos(first.pos[0]);
    throw new ConfigError(`${name}:${line}:${col}: not valid YAML: ${FAULTS[first.code] ?? first.code}`);
  }
  try {
    return { tree: document.toJS() ?? {}, lineOf: (path) => lineOf(document, lines, path) };
  } catch (error) {
    throw new ConfigError(`${name}: not valid YAML: aliases that do not resolve, or too many of them`, {
      cause: error,
    });
  }
}

/** How messages call a file. */
export function nameOf(file: string): string {
  return file === STANDARD ? 'standard input' : file;
}

function textOf(file: string): string {
  try {
    return readFileSync(file === STANDARD ? 0 : file, 'utf8');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new ConfigError(`cannot read the configuration ${nameOf(file)}: ${UNREADABLE[code] ?? message}`, {
      cause: error,
    });
  }
}

function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | undefined {
  let at: number | undefined;
  let node: unknown = document.contents;
  for (const key of path) {
    const next = childOf(document, node, key);
    if (next === undefined) break;
    at = next.at ?? at;
    node = next.value;
  }
  return at === undefined ? undefined : lines.linePos(at).line;
}

interface Child {
  readonly at: number | undefined;
  readonly value: unknown;
}

function childOf(document: Document, parent: unknown, key: PropertyKey): Child | undefined {
  const node = isAlias(parent) ? parent.resolve(document) : parent;
  if (isSeq(node)) {
    const value = node.items[Number(key)];
    return value === undefined ? undefined : { at: startOf(value), value };
  }
  if (!isMap(node)) return undefined;
  const named = (name: string) => node.items.find(({ key }) => isScalar(key) && key.source === name);
  const pair = named(String(key));
  if (pair !== undefined) return { at: startOf(pair.key), value: pair.value };
  const merged = named('<<')?.value;
  return merged === undefined ? undefined : childOf(document, merged, key);
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null)?.range?.[0];
}
