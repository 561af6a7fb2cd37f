import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { Document } from '../../types.ts';

const gzip = promisify(zlib.gzip);

/** `{"create":{"_id":""}}` and two line feeds around a document. The index is in the request's path. */
const OVERHEAD = 24;
const LINE_FEED = 0x0a;

/** The documents as a bulk body. Their JSON is taken as it is. */
export function bulkBody(entries: Iterable<{ readonly document: Document }>): Buffer {
  const pieces: (string | Buffer)[] = [];
  let size = 0;
  for (const { document } of entries) {
    const action = `{"create":{"_id":${JSON.stringify(document.uid)}}}\n`;
    pieces.push(action, document.json);
    // A uid is nearly always ASCII; three bytes a character are the most that UTF-8 takes.
    size += action.length * 3 + document.json.length + 1;
  }
  const body = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece === 'string') at += body.write(piece, at);
    else {
      at += piece.copy(body, at);
      body[at++] = LINE_FEED;
    }
  }
  return body.subarray(0, at);
}

/**
 * Cuts a list into runs that stay under `limit` bytes of body; a single document over it is a run of its own. A uid that
 * is not ASCII can make a run longer: whoever sends it looks again.
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

/** Level 1: a third of the work of the client's own level 6, for bodies that compress ten to one either way. */
export function compress(body: Buffer): Promise<Buffer> {
  return gzip(body, { level: 1 });
}
