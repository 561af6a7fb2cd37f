import { isIP } from 'node:net';
import type { JsonObject } from '../../../src/contracts/types.ts';
import { textOf } from '../../../src/mapping/lint/flatten.ts';

const LITERAL = /^(src|dest|src or dest) is a literal (ip|mac) address$/;

/** Whether a condition of the oracle holds: `a="x" OR (b=* AND c=y*)`, `dest is a literal ip address`. */
export function holds(when: string, event: JsonObject): boolean {
  const literal = LITERAL.exec(when);
  if (literal !== null) {
    const fields = (literal[1] ?? '').split(' or ');
    const isLiteral = literal[2] === 'ip' ? (text: string) => isIP(text) !== 0 : isMac;
    return fields.some((field) => typeof event[field] === 'string' && isLiteral(event[field]));
  }
  // In the oracle, parentheses only surround an OR before an AND.
  return when.split(/ AND /i).every((part) =>
    part
      .replaceAll(/[()]/g, '')
      .split(/ OR /i)
      .some((term) => matches(term, event)),
  );
}

function matches(term: string, event: JsonObject): boolean {
  const parts = /^(\w+)="?([\w.*]+)"?$/.exec(term.trim());
  if (parts === null) throw new Error(`cannot read the condition ${term}`);
  const [, field = '', pattern = ''] = parts;
  const value = event[field];
  if (value === undefined) return false;
  const glob = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`, 'i');
  return glob.test(textOf(value));
}

function isMac(text: string): boolean {
  return /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(text);
}
