import type { Detection } from '../detections/detection.ts';
import { compile, sourceOf } from './access.ts';
import { type Out, putByte, putBytes } from './out.ts';
import type { Value } from './rule.ts';
import { putValue } from './text.ts';
import { type Branch, fold, needsOf, signatures } from './tree.ts';

/** Writes a detection's members that are present. */
export type Put = (detection: Detection, out: Out) => void;

/**
 * Makes a compiler of trees. Each becomes code that writes it straight: every property load and branch stands there by
 * itself. A walk over closures does the same in twice the time, and this is the hottest code there is. The branches right
 * below a root are functions of their own, and trees and branches that are the same share one: most of what kinds map
 * they have in common, and that code several times over would neither be optimised soon nor stay in the processor's caches.
 *
 * Each member is written with a comma behind it, and the last one's becomes the closing brace: no member needs to know
 * whether it is the first.
 */
export function treeCompiler(): (tree: Branch) => Put {
  const made = new Map<string, Put>();
  const signatureOf = signatures();

  /** The function for a branch behind `text`, which is empty for a root. */
  const once = (text: string, branch: Branch, body: (code: Code) => string): Put => {
    const signature = `${text}${signatureOf(branch)}`;
    const put = made.get(signature) ?? generate(body);
    made.set(signature, put);
    return put;
  };

  const part = (text: string, branch: Branch): Put => once(text, branch, ({ inner }) => inner(text, branch));

  return (tree) =>
    once('', tree, ({ object, name }) => {
      const call = (text: string, branch: Branch): string =>
        `${name('part', part(text, branch))}(detection, out);`;
      return `putByte(out, ${OPEN}); ${object(tree, call)} close(out, out.start, out.start + 1);`;
    });
}

interface Code {
  /** The members of a branch; `nested` writes the branches among them. */
  readonly object: (branch: Branch, nested: (text: string, branch: Branch) => string) => string;
  /** A branch with its key and braces. */
  readonly inner: (text: string, branch: Branch) => string;
  /** A name for a value that the code closes over. */
  readonly name: (kind: string, value: unknown) => string;
}

function generate(body: (code: Code) => string): Put {
  const names: Record<string, unknown> = { putBytes, putByte, putMember, putRule, close };
  let used = 0;
  const local = (kind: string): string => `${kind}${used++}`;
  const name: Code['name'] = (kind, value) => {
    const id = local(kind);
    names[id] = value;
    return id;
  };

  const object: Code['object'] = (branch, nested) =>
    fold(branch)
      .map(({ text, value }) => {
        if (value === undefined) return `putBytes(out, ${name('text', Buffer.from(`${text},`))});`;
        return 'members' in value ? guarded(needsOf(value), nested(text, value)) : leaf(text, value);
      })
      .join('\n');

  const inner: Code['inner'] = (text, branch) => {
    const before = local('before');
    const start = local('start');
    const key = name('key', Buffer.from(`${text}{`));
    return `const ${before} = out.at; putBytes(out, ${key}); const ${start} = out.at;
      ${object(branch, inner)}
      close(out, ${before}, ${start});`;
  };

  const leaf = (text: string, value: Value): string => {
    const key = name('key', Buffer.from(text));
    if (value.path === undefined) {
      return guarded(value.needs, `putRule(out, ${key}, ${name('put', value.put)}, detection);`);
    }
    const read = local('value');
    return `{ const ${read} = ${sourceOf(value.path)}; if (${read} !== undefined) putMember(out, ${key}, ${read}); }`;
  };

  return compile(['detection', 'out'], body({ object, inner, name }), names) as Put;
}

const OPEN = 0x7b;
const CLOSE = 0x7d;
const COMMA = 0x2c;

function putMember(out: Out, key: Uint8Array, value: unknown): void {
  const before = out.at;
  putBytes(out, key);
  if (putValue(out, value)) putByte(out, COMMA);
  else out.at = before;
}

function putRule(out: Out, key: Uint8Array, put: Value['put'], detection: Detection): void {
  const before = out.at;
  putBytes(out, key);
  if (put(detection, out)) putByte(out, COMMA);
  else out.at = before;
}

/** Ends an object whose key begins at `before` and whose members begin at `start`; without members it goes. */
function close(out: Out, before: number, start: number): void {
  if (out.at === start) {
    out.at = before;
    return;
  }
  out.bytes[out.at - 1] = CLOSE;
  if (before !== out.start) putByte(out, COMMA);
}

/** Most detections lack most facts: a branch of absent ones costs a look at each. */
function guarded(needs: readonly string[] | undefined, code: string): string {
  if (needs === undefined) return `{ ${code} }`;
  return `if (${needs.map((need) => `${sourceOf(need)} !== undefined`).join(' || ')}) { ${code} }`;
}
