import { isObject } from '../contracts/json.ts';
import type { Json } from '../contracts/types.ts';
import { isInsights } from '../detections/entries.ts';
import { groupMembers } from '../detections/group.ts';
import { parseRecord } from '../detections/parse.ts';
import { skipSpace } from '../records/bytes.ts';
import { asLine } from './lines.ts';

/** The type of a body, as far as the receiver needs to know. Nothing is refused because of it. */
export type Content =
  | { readonly is: 'json'; readonly line: Buffer }
  | { readonly is: 'insights'; readonly line: Buffer }
  /**
   * Not a single JSON object or array, judging by its structure, or compressed: it is stored in a file of its own.
   */
  | { readonly is: 'raw' }
  | { readonly is: 'empty' };

/** Every Insights document has this member. */
const MARK = '"jobs"';

export function contentOf(body: Buffer): Content {
  if (skipSpace(body, 0, body.length) === body.length) return { is: 'empty' };
  const line = asLine(body);
  if (line === undefined) return { is: 'raw' };
  return { is: line.includes(MARK) && holdsOnlyInsights(line) ? 'insights' : 'json', line };
}

function holdsOnlyInsights(line: Buffer): boolean {
  let value: Json;
  try {
    value = parseRecord(line.toString());
  } catch {
    return false;
  }
  if (!isObject(value)) return false;
  const members = groupMembers(value) ?? [value];
  return members.length > 0 && members.every((member) => isObject(member) && isInsights(member));
}
