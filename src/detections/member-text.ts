import { isObject } from '../contracts/json.ts';
import type { Json, SourceRecord } from '../contracts/types.ts';
import { DEFAULT_REDACTOR, type Redactor } from '../redaction/redactor.ts';
import { clean } from './clean.ts';
import { carriedFields, groupMembers } from './group.ts';
import { parseRecord } from './parse.ts';

/** The redacted text of one group member, as if it had arrived alone; undefined if the record is not a group. */
export type MemberText = (record: SourceRecord, index: number) => string | undefined;

/** Reads a group once for all its members: callers go through them one record at a time. */
export function memberTexts(redactor: Redactor = DEFAULT_REDACTOR): MemberText {
  let known: SourceRecord | undefined;
  let textAt: ((index: number) => string) | undefined;
  return (record, index) => {
    if (known !== record) {
      known = record;
      textAt = textsOf(record, redactor);
    }
    return textAt?.(index);
  };
}

function textsOf(
  { text, origin }: SourceRecord,
  redactor: Redactor,
): ((index: number) => string) | undefined {
  const parent = parse(text);
  const members = isObject(parent) ? groupMembers(parent) : undefined;
  if (!isObject(parent) || members === undefined) return undefined;
  const carried = carriedFields(parent);
  const suspicious = redactor.mayHold(text) ? redactor : undefined;
  return (index) => {
    const member = members[index];
    if (!isObject(member)) return JSON.stringify(redactor.value(member ?? null));
    return JSON.stringify(clean({ ...carried, ...member }, suspicious, origin.rows === true).payload);
  };
}

function parse(text: string): Json | undefined {
  try {
    return parseRecord(text);
  } catch {
    return undefined;
  }
}
