import { isObject } from '../contracts/json.ts';
import type { Json } from '../contracts/types.ts';
import { parseExact } from '../records/exact-json.ts';
import { brackets, type LevelsAround, mayBeDeep, NO_LEVELS, shallow } from '../records/shallow-json.ts';
import { groupMembers } from './group.ts';

/** Levels around the members of a group, so that each member is read as it would be alone. */
const IN_GROUP: LevelsAround = (key) => (key === 'data' ? 2 : 0);

/**
 * The JSON of a record. No digit is lost, and parts of a detection that are nested too deep become text, so that
 * all later code may recurse. Throws what `JSON.parse` throws.
 */
export function parseRecord(text: string, found = brackets(text)): Json {
  if (!mayBeDeep(found)) return parseExact(text);
  const alone = shallow(text, NO_LEVELS);
  const value = parseExact(alone);
  const isGroup = isObject(value) && groupMembers(value) !== undefined;
  return alone === text || !isGroup ? value : parseExact(shallow(text, IN_GROUP));
}
