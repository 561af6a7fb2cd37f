import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { Document } from '../../types.ts';

const gzip = promisify(zlib.gzip);

/** `{"create":{"_id":""}}` and two line feeds around a document. The index is in the request's path. */
const OVERHEAD = 24;

/** The documents as a bulk body. Their JSON is taken as it is. */
export function bulkBody(entries: Iterable<{ readonly document: Document }>): Buffer {
  let text = '';
  for (const { document } of entries) {
    text += `{"create":{"_id":${JSON.stringify(document.uid)}}}\n${document.json}\n`;
  }
  return Buffer.from(text);
}

/**
 * Cuts a list into runs that stay under `limit` characters of body; a single document over it is a run of its own. In
 * bytes a run can be longer, where a text is not ASCII: whoever sends it looks again.
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
