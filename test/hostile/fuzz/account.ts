import type { FuzzedObject, Placed } from './objects.ts';
import { MARKER } from './records.ts';

/** The part of a dead letter that says where its record came from. */
interface Letter {
  readonly origin: { readonly uri: string; readonly offset: number; readonly index?: number | undefined };
  readonly whole?: true | undefined;
  readonly rest?: { readonly count: number; readonly spans: readonly [Place, Place][] } | undefined;
  readonly code: string;
  readonly text: string;
}

type Place = [offset: number, index: number];

/** The result of a run. */
export interface Outcome {
  /** Documents, one line each. */
  readonly documents: readonly string[];
  readonly letters: readonly Letter[];
  /** By the URI of the object. */
  readonly objects: ReadonlyMap<string, FuzzedObject>;
}

export interface Account {
  /** Problems, described so that the record can be found. */
  readonly faults: readonly string[];
  /** Records that became neither a document nor a letter, and were allowed to. */
  readonly leftOut: number;
  /** False if some were left out that the ledger does not count one by one. */
  readonly exact: boolean;
}

/** Documents that are not detections are recognized by these members; a group has one for each of its members. */
const INSIGHTS = /"jobs":/;
const MAY_BE_LEFT_OUT = /"(?:jobs|data)":/;

/**
 * Looks for every marker that went in: each detection must be in one document, in one dead letter, or left out if its
 * text allows that. Does not depend on how the program decides.
 */
export function accountFor({ documents, letters, objects }: Outcome): Account {
  const written = new Map<string, number>();
  const faults: string[] = [];
  // A broken record may contain a complete one without a marker.
  const damaged = [...objects].flatMap(([uri, object]) => (object.damaged ? [JSON.stringify(uri)] : []));
  for (const line of documents) {
    const markers = new Set(line.match(MARKER));
    if (markers.size === 0 && !damaged.some((uri) => line.includes(uri)))
      faults.push(`a document without any marker: ${line.slice(0, 3_000)}`);
    for (const marker of markers) written.set(marker, (written.get(marker) ?? 0) + 1);
  }
  const byUri = new Map<string, Letter[]>();
  for (const letter of letters) {
    const { uri } = letter.origin;
    byUri.set(uri, [...(byUri.get(uri) ?? []), letter]);
  }
  let leftOut = 0;
  let loose = false;
  for (const [uri, object] of objects) {
    const of = byUri.get(uri) ?? [];
    if (object.damaged) {
      faults.push(...faultsOfDamaged(uri, object, of, written));
      loose = true;
      continue;
    }
    for (const [nth, record] of object.records.entries()) {
      const text = object.content.toString(
        'utf8',
        record.start,
        object.records[nth + 1]?.start ?? object.content.length,
      );
      const mayHoldMembers = !record.group && /"data":/.test(text);
      if (mayHoldMembers) loose = true;
      record.markers.forEach((marker, index) => {
        const times =
          (marker === undefined ? 0 : (written.get(marker) ?? 0)) +
          of.filter((letter) => covers(letter, record, record.group ? index : undefined)).length;
        if (times === 1 || (mayHoldMembers && times > 1)) return;
        // A member that is not an object has no marker, so it is not searched for in the one document of its group.
        if (times === 0 && marker === undefined && record.mayBeOne === true) return;
        if (times === 0 && (record.group ? INSIGHTS : MAY_BE_LEFT_OUT).test(text)) leftOut += 1;
        else
          faults.push(
            `${uri} @${record.start} ${marker ?? index}: found ${times} times: ${text.slice(0, 3_000)}`,
          );
      });
    }
  }
  return { faults, leftOut, exact: !loose };
}

/** Whether a letter is about this record, or about this member of it. */
function covers({ origin, rest, whole }: Letter, { start }: Placed, index: number | undefined): boolean {
  if (whole === true) return start >= origin.offset;
  if (rest === undefined) return origin.offset === start && origin.index === index;
  const place: Place = [start, index ?? 0];
  return rest.spans.some(([first, last]) => !isAfter(first, place) && !isAfter(place, last));
}

const isAfter = (a: Place, b: Place): boolean => a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]);

/** For a damaged object: every marker that survived must be somewhere, and in at most one document. */
function faultsOfDamaged(
  uri: string,
  { content, records }: FuzzedObject,
  letters: readonly Letter[],
  written: ReadonlyMap<string, number>,
): string[] {
  const faults: string[] = [];
  const ranges = rangesOf(letters, records, content.length, written);
  const inLetters = new Set(letters.flatMap(({ text }) => text.match(MARKER) ?? []));
  for (const { markers, start } of records) {
    for (const marker of markers) {
      if (marker === undefined) continue;
      const at = content.indexOf(marker, Math.max(0, start - 50));
      if (at === -1) continue;
      const times = written.get(marker) ?? 0;
      const text = content.toString('utf8', Math.max(0, start - 200), start + 3_000);
      if (times === 1 || MAY_BE_LEFT_OUT.test(text)) continue;
      const buried = inLetters.has(marker) || ranges.some(([from, to]) => at >= from && at < to);
      if (times === 0 && buried) continue;
      faults.push(`${uri} @${at} ${marker}: damaged, found ${times} times: ${text}`);
    }
  }
  return faults;
}

/** Codes of letters that may cover more than the record at their offset. */
const SWALLOWS = new Set(['invalid_json', 'truncated', 'more_faults']);

/** The ranges that the letters of a damaged object cover at most. */
function rangesOf(
  letters: readonly Letter[],
  records: readonly Placed[],
  length: number,
  written: ReadonlyMap<string, number>,
): (readonly [number, number])[] {
  const starts = records.map(({ start }) => start);
  const found = records
    .filter(({ markers }) => markers.some((marker) => marker !== undefined && written.has(marker)))
    .map(({ start }) => start);
  const begins = letters.flatMap(({ origin, rest }) => [
    origin.offset,
    ...(rest?.spans.map(([[from]]) => from) ?? []),
  ]);
  const known = [...found, ...begins].sort((a, b) => a - b);
  return letters.flatMap(({ origin, code, rest }) => {
    const ends = SWALLOWS.has(code) ? known : starts;
    const spans = rest?.spans.map(([[from], [to]]) => [from, to] as const) ?? [
      [origin.offset, origin.offset] as const,
    ];
    return spans.map(([from, to]) => [from, ends.find((end) => end > to) ?? length] as const);
  });
}
