import { pick, type Random, times, upTo } from '../families/family.ts';
import { mutate } from './mutate.ts';
import { oddValue } from './odd.ts';
import { isMembers, type Tree } from './tree.ts';

/** A record that goes in, and what must come out: a marker for each detection it may hold. */
export interface Made {
  readonly tree?: Tree;
  /** For a record that is not JSON. */
  readonly line?: string;
  /** For a group, by place; undefined for a member that cannot hold one. */
  readonly markers: readonly (string | undefined)[];
  readonly group: boolean;
  /** A group whose members do not say what they are: if its own kind is known, it is a single detection. */
  readonly mayBeOne?: boolean;
}

export const MARKER = /fz[0-9a-z]{13}z/g;

/** Written in two ways, so that no flipped bit turns one marker into another. */
function markerOf(nth: number, member = 0): string {
  const number = nth * 10 + member;
  const mixed = Math.imul(number, 0x9e37_79b1) >>> 0;
  return `fz${number.toString(36).padStart(6, '0')}${mixed.toString(36).padStart(7, '0')}z`;
}

/** Members that show that a payload is not a detection. */
const NOT_IN_PARENT = new Set(['data', 'detection', 'jobs']);

/** Makes records in the shapes that an export has, and in shapes that it never has. */
export function createMaker(
  payloads: readonly Tree[],
  random: Random,
): (nth: number, foreign: boolean) => Made {
  const marked = (marker: string): Tree => {
    const payload = pick(random, payloads);
    const whole =
      random() < 0.8
        ? mutate(identified(payload, marker, random), payloads, random)
        : identified(payload, marker, random);
    return isMembers(whole) ? { members: inserted(whole.members, ['fuzz', marker], random) } : whole;
  };

  const group = (nth: number): Made => {
    const parent = pick(random, payloads);
    // Without at least one object it would not be a group.
    const members = times(1 + upTo(random, 6), (at) =>
      at === 0 || random() < 0.95
        ? { marker: markerOf(nth, at), tree: marked(markerOf(nth, at)) }
        : { marker: undefined, tree: scalar(random) },
    );
    const fields = isMembers(parent)
      ? parent.members.filter(([key]) => !NOT_IN_PARENT.has(key) && random() < 0.3)
      : [];
    const data: [string, Tree] = ['data', members.map(({ tree }) => tree)];
    return {
      tree: { members: inserted(fields, data, random) },
      markers: members.map((member) => member.marker),
      group: true,
      mayBeOne: !members.some(({ tree }) => says(tree, 'id') || says(tree, 'type')),
    };
  };

  return (nth, foreign) => {
    const marker = markerOf(nth);
    const kind = random();
    if (kind < 0.05) return group(nth);
    if (foreign && kind < 0.07) return { line: strange(marker, random), markers: [marker], group: false };
    if (kind < 0.08)
      return {
        tree: {
          members: [
            ['jobs', []],
            ['fuzz', marker],
          ],
        },
        markers: [marker],
        group: false,
      };
    return { tree: marked(marker), markers: [marker], group: false };
  };
}

/** Puts the marker into the members that tell one detection from the next. */
function identified(payload: Tree, marker: string, random: Random): Tree {
  if (!isMembers(payload)) return payload;
  const members = payload.members.filter(([key]) => key !== 'event_id' && key !== 'run_id');
  return {
    members: [
      ...members,
      ['run_id', marker],
      ...(random() < 0.5 ? [['event_id', marker] as [string, Tree]] : []),
    ],
  };
}

function inserted<T>(list: readonly T[], one: T, random: Random): T[] {
  return list.toSpliced(upTo(random, list.length + 1), 0, one);
}

/** Whether an object has a usable member of this name, text or a number; the last one counts if there are two. */
function says(tree: Tree, name: string): boolean {
  const value = isMembers(tree) ? tree.members.findLast(([key]) => key === name)?.[1] : undefined;
  if (typeof value === 'string') return value !== '';
  return (
    typeof value === 'object' && value !== null && 'digits' in value && Number.isFinite(Number(value.digits))
  );
}

function scalar(random: Random): Tree {
  const value = oddValue(random);
  return isMembers(value) ? null : value;
}

/** A line of something else: no byte of it may start a document or an array. */
function strange(marker: string, random: Random): string {
  return pick(random, [
    `"${marker}"`,
    `${marker} INFO started`,
    `127.0.0.1 - - "GET /${marker} HTTP/1.1" 200`,
    `<${marker}/>`,
    `tru${marker}`,
    `\u0000${marker}`,
    `-${marker}`,
  ]);
}
