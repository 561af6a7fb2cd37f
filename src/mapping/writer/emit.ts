import { readOf } from '../path.ts';
import { close } from './close.ts';
import { putByte, putBytes, reserve, since } from './output.ts';
import type { ValueWriter } from './rule.ts';
import { storesOf } from './stores.ts';
import { COMMA, OPEN_OBJECT } from './tokens.ts';
import { type Branch, fold, needsOf, partsOf } from './tree.ts';
import { putValue } from './value.ts';

/**
 * Facts that are a single object for all detections with the same value: the output of a branch that only reads one
 * of these is cached.
 */
const SHARED = new Set(['threat']);

/** The body of a function of `detection` and `out`, and the values it refers to. */
export interface Emitted {
  readonly body: string;
  readonly names: Readonly<Record<string, unknown>>;
}

/**
 * The code of a document. Each member is written with a comma after it, and the last comma is replaced by the
 * closing brace, so that no member needs to know whether it is the first. `partOf` returns the function that writes
 * a branch directly below the root, or a group of values there, whose text is empty.
 */
export function emitDocument(tree: Branch, partOf: (text: string, branch: Branch) => unknown): Emitted {
  const { names, name, members } = emitter();
  const call = (text: string, branch: Branch): string =>
    `${name('part', partOf(text, branch))}(detection, out);`;
  const parts = partsOf(tree).map((part) => (isBranch(part) ? members(part, call) : call('', part)));
  const body = `putByte(out, ${OPEN_OBJECT});\n${parts.join('\n')}\nclose(out, out.start, out.start + 1);`;
  return { names, body };
}

function isBranch({ members }: Branch): boolean {
  return Array.from(members.values()).some((member) => 'members' in member);
}

/** The code of a group of values, without braces. */
export function emitValues(group: Branch): Emitted {
  const { names, members } = emitter();
  return { names, body: members(group, () => '') };
}

/** The code of a branch, with its braces and its key, which is in `text`. */
export function emitBranch(text: string, branch: Branch): Emitted {
  const { names, object } = emitter();
  return { names, body: object(text, branch) };
}

interface Emitter {
  readonly names: Readonly<Record<string, unknown>>;
  /** A name for a value that the code closes over. */
  readonly name: (kind: string, value: unknown) => string;
  /** The members of a branch; `nested` writes the branches among them. */
  readonly members: (branch: Branch, nested: (text: string, branch: Branch) => string) => string;
  /** A branch with its key and braces. */
  readonly object: (text: string, branch: Branch) => string;
}

function emitter(): Emitter {
  const names: Record<string, unknown> = { putByte, putBytes, putValue, reserve, since, close };
  let used = 0;
  const local = (kind: string): string => `${kind}${used++}`;
  const name: Emitter['name'] = (kind, value) => {
    const id = local(kind);
    names[id] = value;
    return id;
  };
  const constant = (text: string): string => storesOf(text, name);

  const members: Emitter['members'] = (branch, nested) =>
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
    const remember = `${memory}.set(detection.${root}, since(out, ${before}));`;
    return guarded(
      needs,
      `const ${known} = ${memory}.get(detection.${root});
if (${known} !== undefined) putBytes(out, ${known});
else ${block(`const ${before} = out.at;\n${code}\n${remember}`)}`,
    );
  };

  const object: Emitter['object'] = (text, branch) => {
    const before = local('before');
    const start = local('start');
    return `const ${before} = out.at;
${constant(`${text}{`)}
const ${start} = out.at;
${members(branch, object)}
close(out, ${before}, ${start});`;
  };

  const leaf = (text: string, value: ValueWriter): string => {
    const before = local('before');
    const member = (put: string): string => `const ${before} = out.at;
${constant(text)}
if (${put}) putByte(out, ${COMMA});
else out.at = ${before};`;
    if (value.path === undefined) {
      return guarded(value.needs, member(`${name('put', value.put)}(detection, out)`));
    }
    const read = local('value');
    const written = member(`putValue(out, ${read})`);
    return block(`const ${read} = ${readOf(value.path)};\nif (${read} !== undefined) ${block(written)}`);
  };

  return { names, name, members, object };
}

/** Most detections lack most facts: a branch of absent ones costs one check for each. */
function guarded(needs: readonly string[] | undefined, code: string): string {
  if (needs === undefined) return block(code);
  return `if (${needs.map((need) => `${readOf(need)} !== undefined`).join(' || ')}) ${block(code)}`;
}

function block(code: string): string {
  return `{\n  ${code.replaceAll('\n', '\n  ')}\n}`;
}
