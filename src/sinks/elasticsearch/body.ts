import type { Document } from '../../contracts/types.ts';
import { gzipSlices, inSlices } from '../gzip.ts';

/** Length of the line before a document, without the uid. The index is in the request's path. */
const ACTION = '{"create":{"_id":""}}\n'.length;
/** Bytes around a document, including its own line feed. */
const OVERHEAD = ACTION + 1;
const LINE_FEED = 0x0a;
/** Longest form of a uid's character in a JSON string: a control character becomes \u and four digits. */
const MOST_PER_CHARACTER = 6;

type Entries = readonly { readonly document: Document }[];

/** ASCII uids that JSON writes unchanged: nearly all. */
const PLAIN = /^[\w.:/-]*$/;

function actionOf({ uid }: Document): string {
  return `{"create":{"_id":${PLAIN.test(uid) ? `"${uid}"` : JSON.stringify(uid)}}}\n`;
}

function actionBytes(document: Document): number {
  const { uid } = document;
  return PLAIN.test(uid) ? uid.length + ACTION : Buffer.byteLength(actionOf(document));
}

/** Bytes of the documents' bulk body. */
export function bodyBytes(entries: Entries): number {
  let size = 0;
  for (const { document } of entries) {
    size += actionBytes(document) + document.json.length + 1;
  }
  return size;
}

/** The documents as a bulk body. Their JSON is copied unchanged. */
export function bulkBody(entries: Entries): Buffer {
  const body = Buffer.allocUnsafeSlow(bodyBytes(entries));
  let at = 0;
  for (const { document } of entries) at = put(document, body, at);
  return body;
}

function put(document: Document, body: Buffer, from: number): number {
  let at = from + body.write(actionOf(document), from);
  body.set(document.json, at);
  at += document.json.length;
  body[at] = LINE_FEED;
  return at + 1;
}

/**
 * Splits a list into runs whose bodies stay under `limit` bytes; a single larger document is a run by itself. A uid
 * that is not ASCII can make a run longer, so the sender checks again.
 */
export function cut<T extends { readonly document: Document }>(entries: readonly T[], limit: number): T[][] {
  const runs: T[][] = [];
  let run: T[] = [];
  let length = 0;
  for (const entry of entries) {
    const size = entry.document.json.length + entry.document.uid.length + OVERHEAD;
    if (run.length > 0 && length + size > limit) {
      runs.push(run);
      run = [];
      length = 0;
    }
    run.push(entry);
    length += size;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}

/** The same body, gzipped. */
export function gzipBody(entries: Entries): Promise<Buffer> {
  return gzipSlices(slices(entries));
}

/** The body in slices that share the same memory: each is valid until the next is requested. */
export function slices(entries: Entries): Generator<Buffer> {
  return inSlices(entries, most, (entry, slice, at) => put(entry.document, slice, at));
}

function most({ document: { uid, json } }: Entries[number]): number {
  return uid.length * MOST_PER_CHARACTER + json.length + OVERHEAD;
}
