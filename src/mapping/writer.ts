import type { Detection } from '../detections/detection.ts';
import { ConfigError } from '../errors.ts';
import { type Branch, compileTree } from './emit.ts';
import { createOut, take } from './out.ts';
import { compileRule, type Value } from './rule.ts';
import type { Fields } from './schema.ts';

/** One detection as the JSON of an object; empty when nothing of it is present. */
export type Writer = (detection: Detection) => Buffer;

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
  // Wrong mappings are found now; code is made only for the kinds that come.
  let put: ReturnType<typeof compileTree> | undefined;
  return (detection) => {
    put ??= compileTree(root);
    put(detection, OUT);
    return take(OUT);
  };
}

/** A document is written at a stretch, so that all writers share one buffer. */
const OUT = createOut();

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
