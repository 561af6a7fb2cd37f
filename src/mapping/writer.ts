import { ConfigError } from '../contracts/errors.ts';
import type { Detection } from '../detections/detection.ts';
import { type Put, treeCompiler } from './emit.ts';
import { take } from './out.ts';
import { createPages } from './pages.ts';
import { compileRule, type Value } from './rule.ts';
import type { Fields, Rule } from './schema.ts';
import type { Branch } from './tree.ts';

/** One detection as the JSON of an object; empty when nothing of it is present. */
export type Writer = (detection: Detection) => Buffer;

/** Compiled values that no YAML can write, by field name: reason, tags, labels, the original text. */
export type Extras = Readonly<Record<string, Value>>;

/**
 * Makes the compiler of the writers of one run. It turns dotted field names into a function that writes nested JSON
 * directly into `pages`: no document object is built only to be stringified again. Fields come out in the order given;
 * neighbours that never change become one constant. What kinds have in common is compiled once. A field that is a value
 * and an object at once is a ConfigError.
 */
export function writerCompiler(pages = createPages()): (fields: Fields, extras?: Extras) => Writer {
  const rules = new Map<Rule, Value>();
  const compileTree = treeCompiler();

  const valueOf = (rule: Rule): Value => {
    const value = rules.get(rule) ?? compileRule(rule);
    rules.set(rule, value);
    return value;
  };

  return (fields, extras = {}) => {
    const root: Branch = { members: new Map() };
    for (const [name, rule] of Object.entries(fields)) insert(root, name.split('.'), valueOf(rule), name);
    for (const [name, value] of Object.entries(extras)) insert(root, name.split('.'), value, name);
    // Wrong mappings are found now; code is made only for the kinds that come.
    let put: Put | undefined;
    return (detection) => {
      put ??= compileTree(root);
      const out = pages.out();
      put(detection, out);
      return take(out);
    };
  };
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
