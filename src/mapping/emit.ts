import type { Detection } from '../detections/detection.ts';
import { compile, sourceOf } from './access.ts';
import { type Out, putByte, putBytes } from './out.ts';
import type { Value } from './rule.ts';
import { putValue } from './text.ts';

/** Fields as a tree: what stands under one name is a value or more fields. */
export interface Branch {
  readonly members: Map<string, Branch | Value>;
}

type Put = (detection: Detection, out: Out) => void;

/**
 * Compiles a tree of fields to one function that writes them straight: every property load, prefix and branch stands in
 * its code by itself. A walk over closures does the same in twice the time, and this is the hottest code there is.
 */
export function compileTree(tree: Branch): Put {
  const names: Record<string, unknown> = { putByte, putBytes, putValue };
  let used = 0;
  /** A name that is not used yet, for a local. */
  const local = (kind: string): string => `${kind}${used++}`;
  /** The same for a value that the code closes over. */
  const name = (kind: string, value: unknown): string => {
    const id = local(kind);
    names[id] = value;
    return id;
  };

  /** Code that writes `members` behind `{` or `,`, as `start` tells. */
  const object = (branch: Branch, start: string): string => {
    const pieces: string[] = [];
    for (const { text, value } of fold(branch)) {
      const first = name('first', Buffer.from(`{${text}`));
      const next = name('next', Buffer.from(`,${text}`));
      const prefix = `putBytes(out, out.at === ${start} ? ${first} : ${next});`;
      pieces.push(value === undefined ? prefix : member(value, prefix));
    }
    return pieces.join('\n');
  };

  const member = (value: Branch | Value, prefix: string): string => {
    const before = local('before');
    if ('members' in value) {
      const start = local('start');
      const inner = `const ${before} = out.at; ${prefix} const ${start} = out.at; ${object(value, start)}
        if (out.at === ${start}) out.at = ${before}; else putByte(out, ${CLOSE});`;
      return guarded(needsOf(value), inner);
    }
    if (value.path !== undefined) {
      const read = local('value');
      return `{ const ${read} = ${sourceOf(value.path)}; if (${read} !== undefined) { const ${before} = out.at; ${prefix}
        if (!putValue(out, ${read})) out.at = ${before}; } }`;
    }
    const put = name('put', value.put);
    return guarded(
      value.needs,
      `const ${before} = out.at; ${prefix} if (!${put}(detection, out)) out.at = ${before};`,
    );
  };

  const body = object(tree, 'out.start');
  return compile(
    ['detection', 'out'],
    `${body}\nif (out.at !== out.start) putByte(out, ${CLOSE});`,
    names,
  ) as Put;
}

const CLOSE = 0x7d;

/** Most detections lack most facts: a branch of absent ones costs a look at each. */
function guarded(needs: readonly string[] | undefined, code: string): string {
  if (needs === undefined) return `{ ${code} }`;
  return `if (${needs.map((need) => `${sourceOf(need)} !== undefined`).join(' || ')}) { ${code} }`;
}

/** The facts of which one must be present for any member to be; undefined when a member may do without. */
function needsOf(branch: Branch): readonly string[] | undefined {
  const all = new Set<string>();
  for (const member of branch.members.values()) {
    const needs = 'members' in member ? needsOf(member) : member.needs;
    if (needs === undefined) return undefined;
    for (const need of needs) all.add(need);
  }
  return [...all];
}

interface Member {
  /** `"key":`, and for what never changes all of it. */
  readonly text: string;
  readonly value: Branch | Value | undefined;
}

/** Members with neighbours that never change made one, and what never writes anything left out. */
function fold(branch: Branch): Member[] {
  const members: Member[] = [];
  for (const [key, value] of branch.members) {
    const constant = constantOf(value);
    if (constant === '') continue;
    const text = `${JSON.stringify(key)}:${constant ?? ''}`;
    const last = members.at(-1);
    if (constant === undefined) members.push({ text, value });
    else if (last !== undefined && last.value === undefined) {
      members[members.length - 1] = { text: `${last.text},${text}`, value: undefined };
    } else members.push({ text, value: undefined });
  }
  return members;
}

function constantOf(value: Branch | Value): string | undefined {
  if (!('members' in value)) return value.constant?.toString();
  const members = fold(value);
  if (members.some((member) => member.value !== undefined)) return undefined;
  return members.length === 0 ? '' : `{${members.map(({ text }) => text).join(',')}}`;
}
