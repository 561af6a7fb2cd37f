import { isObject } from '../contracts/json.ts';
import type { Fault, Json, JsonObject, Origin, SourceRecord } from '../contracts/types.ts';
import { brackets, mayBeDeep } from '../records/shallow-json.ts';
import type { Redactor } from '../redaction/redactor.ts';
import type { DecodedRecord, DecodeOptions } from './decoded.ts';
import type { Nature } from './detect.ts';
import { entryOf, groupOf, membersOf, nameOf } from './entries.ts';
import { mayNotFit } from './flattened.ts';
import { carriedFields, costOfMembers } from './group.ts';
import { parseRecord } from './parse.ts';
import { LONGEST_NAME } from './short-texts.ts';

/**
 * Number of records that take each step together. The code a record passes through is several times larger than the
 * processor's caches: running each record through all of it in turn costs up to a quarter more time. A larger group
 * only costs memory.
 */
const GROUP = 256;

/** Decodes records in order, up to a group ahead of the consumer. Never throws. */
export function* decode(
  records: readonly SourceRecord[],
  receivedMs: number,
  options: DecodeOptions,
): Generator<DecodedRecord> {
  for (let from = 0; from < records.length; from += GROUP) {
    yield* decodeGroup(records.slice(from, from + GROUP), receivedMs, options);
  }
}

/**
 * Each step collects its results in a list of its own. With one object per record, V8 would soon allocate these
 * objects directly in the old generation, since most survive a collection while they wait for the next step; texts
 * and payloads would then stay in memory until a full collection.
 */
function decodeGroup(
  records: readonly SourceRecord[],
  receivedMs: number,
  options: DecodeOptions,
): DecodedRecord[] {
  // For a faulty record, the text is only its beginning.
  const texts = records.map((record) => (record.fault === undefined ? record.text : ''));
  const found = texts.map(brackets);
  const values = texts.map((text, at) => parse(text, found[at] as number));
  const natures = records.map(({ origin }, at) =>
    natureOf(origin, texts[at] as string, found[at] as number, options),
  );
  return records.map((record, at) => {
    const value = values[at];
    const nature = natures[at] as Nature;
    if (!isObject(value)) return { record, entries: [{ fault: record.fault ?? faultOf(value) }] };
    const members = groupOf(value, options);
    if (members !== undefined) return readGroup(record, value, members, nature, receivedMs, options);
    return { record, entries: [entryOf(value, nature, receivedMs, options)] };
  });
}

function readGroup(
  record: SourceRecord,
  parent: JsonObject,
  members: readonly Json[],
  nature: Nature,
  receivedMs: number,
  options: DecodeOptions,
): DecodedRecord {
  const carried = carriedFields(parent);
  const bytes = Buffer.byteLength(record.text);
  return {
    record,
    entries: membersOf(members, carried, nature, receivedMs, options),
    group: { bytes, costOf: costOfMembers(carried, members) },
  };
}

/** Undefined if the text is not JSON. */
function parse(text: string, found: number): Json | undefined {
  try {
    return parseRecord(text, found);
  } catch {
    return undefined;
  }
}

function faultOf(value: Json | undefined): Fault {
  // V8's message quotes the text, so it stays out of the reason.
  if (value === undefined) return { code: 'invalid_json', reason: 'the record is not valid JSON' };
  return { code: 'not_an_object', reason: `the record is JSON, but ${nameOf(value)}` };
}

function natureOf(origin: Origin, text: string, found: number, { redactor }: DecodeOptions): Nature {
  return {
    suspect: redactor.mayHold(text),
    ours: origin.rows === true,
    origin: placeOf(origin, redactor),
    deep: mayBeDeep(found),
    long: text.length > LONGEST_NAME,
    bulky: mayNotFit(text, found),
  };
}

/** All records of an object share their origin. */
const PLACES = new WeakMap<Origin, string>();

/** Where it was read, without secrets: keys are built from branch names, labels and whatever else people choose. */
function placeOf(origin: Origin, redactor: Redactor): string {
  const known = PLACES.get(origin);
  if (known !== undefined) return known;
  const place = redactor.text(origin.uri);
  PLACES.set(origin, place);
  return place;
}
