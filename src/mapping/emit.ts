import type { Detection } from '../detections/detection.ts';
import { compile, sourceOf } from './access.ts';
import { type Out, putByte, putBytes, reserve, since } from './out.ts';
import type { Value } from './rule.ts';
import { storesOf } from './stores.ts';
import { putValue } from './text.ts';
import { type Branch, fold, needsOf, signatures } from './tree.ts';

/** Facts that are one object for all detections that say the same: what a branch of nothing else writes is remembered. */
const SHARED = new Set(['threat']);

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
  const names: Record<string, unknown> = { putByte, putBytes, putValue, reserve, since, close };
  let used = 0;
  const local = (kind: string): string => `${kind}${used++}`;
  const name: Code['name'] = (kind, value) => {
    const id = local(kind);
    names[id] = value;
    return id;
  };
  const constant = (text: string): string => storesOf(text, name);

  const object: Code['object'] = (branch, nested) =>
    fold(branch)
      .map(({ text, value }) => {
        if (value === undefined) return constant(`${text},`);
        return 'members' in value ? whole(value, nested(text, value)) : leaf(text, value);
      })
      .join('\n');

  const whole = (branch: Branch, code: string): string => {
    const needs = needsOf(branch);
    const [root, more] = needs ?? [];
    if (root === undefined || more !== undefined || !SHARED.has(root)) return guarded(needs, code);
    const known = local('known');
    const before = local('before');
    const memory = name('memory', new WeakMap());
    return guarded(
      needs,
      `const ${known} = ${memory}.get(detection.${root});
      if (${known} !== undefined) putBytes(out, ${known});
      else { const ${before} = out.at; ${code} ${memory}.set(detection.${root}, since(out, ${before})); }`,
    );
  };

  const inner: Code['inner'] = (text, branch) => {
    const before = local('before');
    const start = local('start');
    return `const ${before} = out.at; ${constant(`${text}{`)} const ${start} = out.at;
      ${object(branch, inner)}
      close(out, ${before}, ${start});`;
  };

  const leaf = (text: string, value: Value): string => {
    const before = local('before');
    const member = (put: string): string =>
      `const ${before} = out.at; ${constant(text)} if (${put}) putByte(out, ${COMMA}); else out.at = ${before};`;
    if (value.path === undefined) {
      return guarded(value.needs, member(`${name('put', value.put)}(detection, out)`));
    }
    const read = local('value');
    return `{ const ${read} = ${sourceOf(value.path)}; if (${read} !== undefined) { ${member(`putValue(out, ${read})`)} } }`;
  };

  return compile(['detection', 'out'], body({ object, inner, name }), names) as Put;
}

const OPEN = 0x7b;
const CLOSE = 0x7d;
const COMMA = 0x2c;

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
