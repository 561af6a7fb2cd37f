import { pick, type Random, upTo } from '../families/family.ts';
import { nested, oddKey, oddValue } from './odd.ts';
import { isMembers, type Tree } from './tree.ts';

/** A place in a tree that can be read and changed. */
interface Slot {
  readonly value: Tree;
  readonly set: (value: Tree) => void;
  readonly drop: () => void;
  /** In an object: repeats the same key. */
  readonly repeat?: (value: Tree) => void;
  readonly rename?: (key: string) => void;
}

/** A copy of a payload with up to five changes; one in five has none. */
export function mutate(payload: Tree, others: readonly Tree[], random: Random): Tree {
  const copy = structuredClone(payload);
  for (let left = upTo(random, 5); left > 0; left -= 1) {
    const slots = slotsOf(copy);
    if (slots.length > 0) change(pick(random, slots), others, random);
    if (isMembers(copy) && random() < 0.2)
      copy.members.splice(upTo(random, copy.members.length + 1), 0, [oddKey(random), oddValue(random)]);
  }
  return copy;
}

function change(slot: Slot, others: readonly Tree[], random: Random): void {
  const kind = random();
  if (kind < 0.4) slot.set(oddValue(random));
  else if (kind < 0.55) slot.drop();
  else if (kind < 0.65) (slot.repeat ?? slot.set)(oddValue(random));
  else if (kind < 0.75) slot.rename?.(oddKey(random));
  else if (kind < 0.9) slot.set(structuredClone(part(pick(random, others), random)));
  else slot.set(nested(random, slot.value));
}

/** A value from another payload. */
function part(other: Tree, random: Random): Tree {
  const slots = slotsOf(other);
  return slots.length === 0 ? other : pick(random, slots).value;
}

function slotsOf(tree: Tree, found: Slot[] = []): Slot[] {
  if (Array.isArray(tree)) {
    // A few entries of a long list are as good as all.
    tree.slice(0, 8).forEach((value, at) => {
      found.push({ value, set: (next) => void (tree[at] = next), drop: () => void tree.splice(at, 1) });
      slotsOf(value, found);
    });
  } else if (isMembers(tree)) {
    const { members } = tree;
    for (const member of members.slice(0, 60)) {
      const [key, value] = member;
      found.push({
        value,
        set: (next) => void (member[1] = next),
        drop: () => void members.splice(members.indexOf(member), 1),
        repeat: (next) => void members.push([key, next]),
        rename: (next) => void (member[0] = next),
      });
      slotsOf(value, found);
    }
  }
  return found;
}
