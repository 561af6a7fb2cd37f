import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { ConfigError } from '../contracts/errors.ts';
import { whyUnreadable } from '../text/unreadable.ts';
import { lineIn } from '../text/yaml-lines.ts';

/** A configuration as written in the file. */
export interface Written {
  /** As parsed from YAML, with nothing substituted or validated. */
  readonly tree: unknown;
  /** The line of a key, or of its nearest parent in the file; undefined if there is none. */
  lineOf(path: readonly PropertyKey[]): number | undefined;
}

/** Standard input. */
const STANDARD = '-';

/** The most common mistakes, in words: the parser's own message quotes the line, which may contain a secret. */
const FAULTS: Readonly<Record<string, string>> = {
  BAD_ALIAS: 'an alias that cannot be used here',
  BAD_INDENT:
    'this line is indented differently from the lines around it, or a bracket before it is not closed',
  BLOCK_AS_IMPLICIT_KEY: 'a key and its value must start on their own line here',
  DUPLICATE_KEY: 'this key appears twice',
  MISSING_CHAR: 'a quote, bracket or comma is missing',
  MULTIPLE_DOCS: 'a second document begins; expected one',
  MULTILINE_IMPLICIT_KEY: 'a colon is missing, or a string continues on the next line',
  TAB_AS_INDENT: 'tabs are not allowed; indent with spaces',
  UNEXPECTED_TOKEN: 'unexpected here; quote strings that contain special characters',
};

/** Reads a file; `-` is standard input. Throws `ConfigError` naming file, line and column, and quoting nothing. */
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
    return { tree: document.toJS() ?? {}, lineOf: (path) => lineIn(document, lines, path) };
  } catch (error) {
    throw new ConfigError(`${name}: not valid YAML: aliases that cannot be resolved, or too many of them`, {
      cause: error,
    });
  }
}

/** The name of a file in messages. */
export function nameOf(file: string): string {
  return file === STANDARD ? 'standard input' : file;
}

function textOf(file: string): string {
  try {
    return readFileSync(file === STANDARD ? 0 : file, 'utf8');
  } catch (error) {
    throw new ConfigError(`cannot read the configuration ${nameOf(file)}: ${whyUnreadable(error)}`, {
      cause: error,
    });
  }
}
