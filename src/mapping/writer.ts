import type { Detection } from '../detections/detection.ts';
import { ConfigError } from '../errors.ts';
import { compileRule, type Value } from './rule.ts';
import type { Fields } from './schema.ts';
import { ABSENT, quote } from './text.ts';

/** Writes one detection as the JSON text of an object; ABSENT when nothing of it is present. */
export type Writer = (detection: Detection) => string;

interface Branch {
  readonly members: Map<string, Branch | Value>;
}

/** Compiled values that no YAML can write, by field name: reason, tags, labels, the original text. */
export type Extras = Readonly<Record<string, Value>>;

/**
 * Compiles dotted field names to one function that writes nested JSON text directly: no document object is built only to
 * be stringified again. Fields come out in the order given; neighbours that never change become one constant. A field
 * that is a value and an object at once is a ConfigError.
 */
export function compileWriter(fields: Fields, extras: Extras = {}): Writer {
  const root: Branch = { members: new Map() };
  for (const [name, rule] of Object.entries(fields)) insert(root, name.split('.'), compileRule(rule), name);
  for (const [name, value] of Object.entries(extras)) insert(root, name.split('.'), value, name);
  return compileBranch(root).write;
}

function insert(branch: Branch, [head = '', ...rest]: string[], value: Value, name: string): void {
  let next = branch.members.get(head);
  if (rest.length === 0) {
    if (next !== undefined && 'members' in next) throw conflict(name, head);
    branch.members.set(head, value);
    return;
  }
  if (next === undefined) {
    next = { members: new Map() };
    branch.members.set(head, next);
  }
  if (!('members' in next)) throw conflict(name, head);
  insert(next, rest, value, name);
}

function conflict(name: string, head: string): ConfigError {
  return new ConfigError(`the mappings write ${name}, but ${head} is a value and an object`);
}

function compileBranch(branch: Branch): Value {
  const members: { prefix: string; value: Value }[] = [];
  for (const [key, member] of branch.members) {
    const value = 'members' in member ? compileBranch(member) : member;
    if (value.constant === ABSENT) continue;
    const last = members.at(-1);
    if (value.constant !== undefined && last?.value.constant !== undefined) {
      members[members.length - 1] = fold(last.prefix, last.value.constant, `${quote(key)}:${value.constant}`);
    } else {
      members.push({ prefix: `${quote(key)}:`, value });
    }
  }
  if (members.every(({ value }) => value.constant !== undefined)) {
    const text = members.map(({ prefix, value }) => prefix + value.constant).join(',');
    const whole = text === '' ? ABSENT : `{${text}}`;
    return { write: () => whole, constant: whole };
  }
  const prefixes = members.map(({ prefix }) => prefix);
  const writes = members.map(({ value }) => value.write);
  const needs = needsOf(members.map(({ value }) => value));
  const write: Writer = (detection) => {
    let out = '';
    for (let at = 0; at < writes.length; at += 1) {
      const text = (writes[at] as Writer)(detection);
      if (text !== ABSENT) out += (out === '' ? '{' : ',') + prefixes[at] + text;
    }
    return out === '' ? ABSENT : `${out}}`;
  };
  return needs === undefined ? { write } : { write: skipping(needs, write), needs };
}

/** The facts of which one must be present for any member to be; undefined when a member may do without. */
function needsOf(values: readonly Value[]): readonly string[] | undefined {
  const all = new Set<string>();
  for (const { needs } of values) {
    if (needs === undefined) return undefined;
    for (const need of needs) all.add(need);
  }
  return [...all];
}

/** Most detections lack most facts: a branch of absent ones costs a look at each fact, not a call for each field. */
function skipping(needs: readonly string[], write: Writer): Writer {
  return (detection) => {
    for (const need of needs) {
      if ((detection as unknown as Record<string, unknown>)[need] !== undefined) return write(detection);
    }
    return ABSENT;
  };
}

function fold(prefix: string, before: string, member: string): { prefix: string; value: Value } {
  const text = `${before},${member}`;
  return { prefix, value: { write: () => text, constant: text } };
}
