import { pick, type Random, times, upTo } from '../families/family.ts';

export interface Damage {
  readonly content: Buffer;
  /** Where the records start after the damage. */
  readonly starts: readonly number[];
}

interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: Buffer;
}

const INSERTED = [
  '\n',
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  '\\',
  '\u0000',
  '{}',
  '}{',
  '\r',
  '\ufeff',
  '1',
  'null\n',
];
const NOTHING = Buffer.alloc(0);

/** Bytes flipped, lost and inserted, lines split and joined: about one change for every few records. */
export function damageOf(content: Buffer, starts: readonly number[], random: Random): Damage {
  const edits = times(1 + upTo(random, starts.length / 4), () => editOf(content, random))
    .sort((a, b) => a.at - b.at)
    .filter(({ at }, nth, all) => at >= (all[nth - 1]?.at ?? -9) + 9);
  const parts: Buffer[] = [];
  let from = 0;
  for (const { at, remove, insert } of edits) {
    parts.push(content.subarray(from, at), insert);
    from = at + remove;
  }
  parts.push(content.subarray(from));
  const moved = starts.map(
    (start) =>
      start +
      edits.reduce((sum, { at, remove, insert }) => (at < start ? sum + insert.length - remove : sum), 0),
  );
  return { content: Buffer.concat(parts), starts: moved };
}

function editOf(content: Buffer, random: Random): Edit {
  const at = upTo(random, content.length);
  const kind = random();
  if (kind < 0.4)
    return { at, remove: 1, insert: Buffer.from([(content[at] ?? 0) ^ (1 << upTo(random, 8))]) };
  if (kind < 0.6) return { at, remove: 1 + upTo(random, 8), insert: NOTHING };
  if (kind < 0.8) return { at, remove: 0, insert: Buffer.from(pick(random, INSERTED)) };
  // Joins two lines.
  const newline = content.indexOf('\n', at);
  return { at: newline === -1 ? at : newline, remove: 1, insert: NOTHING };
}
