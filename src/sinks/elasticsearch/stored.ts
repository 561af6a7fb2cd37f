import type { Client } from '@elastic/elasticsearch';
import * as z from 'zod';
import { RetryableError } from '../../contracts/errors.ts';
import type { Meter, StoredMarks } from '../../contracts/types.ts';
import { timed } from '../../io/timed.ts';
import { translate } from './failures.ts';
import type { Backing } from './stream.ts';

/**
 * Indices that a rollover may have just left or created: search does not see their documents until a refresh, but
 * `_mget` does.
 */
const ASKED_BY_NAME = 2;
const IDS_PER_REQUEST = 1_000;

interface Question {
  readonly client: Client;
  readonly stream: string;
  readonly backing: Backing;
  readonly meter: Meter;
  readonly signal: AbortSignal;
  /** A backing index to skip: the one the document was just created in. */
  readonly except?: string | undefined;
  /** Also reads the marks of the documents. */
  readonly marks?: boolean;
}

/** The fields of a document's source that its marks come from. */
const MARKS = ['stepsecurity.fingerprint', 'stepsecurity.origin'];
const NO_MARKS: StoredMarks = {};

/**
 * Which of the uids are in the stream's backing indices: `_mget` on the two newest by name (it is refused on the
 * stream), and an ids search on the older ones. With `marks`, also what they say about themselves. Throws as
 * `translate` does, and `RetryableError` if an index cannot answer.
 */
export async function findStored(
  uids: readonly string[],
  question: Question,
): Promise<Map<string, StoredMarks>> {
  const found = new Map<string, StoredMarks>();
  const others = question.backing.indices.filter((index) => index !== question.except);
  const byName = others.filter((index) => question.backing.indices.indexOf(index) < ASKED_BY_NAME);
  const older = others.filter((index) => !byName.includes(index));
  for (let at = 0; at < uids.length; at += IDS_PER_REQUEST) {
    let open = uids.slice(at, at + IDS_PER_REQUEST);
    for (const index of byName) {
      if (open.length > 0) await askByName(index, open, question, found);
      open = open.filter((uid) => !found.has(uid));
    }
    if (open.length > 0 && older.length > 0) await searchOlder(older, open, question, found);
  }
  return found;
}

async function askByName(
  index: string,
  uids: string[],
  question: Question,
  found: Map<string, StoredMarks>,
): Promise<void> {
  const { client, meter, signal, marks } = question;
  const what = {
    index,
    ids: uids,
    _source: marks === true ? MARKS : false,
    filter_path: 'docs._id,docs.found,docs._source,docs.error.type',
  };
  const mget = () => client.mget(what, { signal });
  const reply = await timed(meter, 'mget_requests', mget).catch((error: unknown) => {
    throw translate(error, `looking up documents in ${index}`, signal);
  });
  for (const doc of reply.docs ?? []) {
    if ('error' in doc) {
      // Deleted since we listed it, so it contains nothing.
      if (doc.error.type === 'index_not_found_exception') continue;
      throw new RetryableError(`looking up documents in ${index}: ${doc.error.type}`);
    }
    if (doc.found) found.set(doc._id, marksOf(doc._source));
  }
}

async function searchOlder(
  older: readonly string[],
  uids: string[],
  question: Question,
  found: Map<string, StoredMarks>,
): Promise<void> {
  const { client, stream, meter, signal, marks } = question;
  // Search the stream: the names of a year of backing indices do not fit into a request line.
  const what = {
    index: stream,
    query: { ids: { values: uids } },
    size: 10_000,
    _source: marks === true ? MARKS : false,
    track_total_hits: false,
    allow_partial_search_results: false,
    filter_path: 'hits.hits._id,hits.hits._index,hits.hits._source',
  };
  const search = () => client.search(what, { signal });
  const reply = await timed(meter, 'search_requests', search).catch((error: unknown) => {
    throw translate(error, `searching ${stream} for documents`, signal);
  });
  for (const hit of reply.hits?.hits ?? []) {
    if (hit._id !== undefined && older.includes(hit._index)) found.set(hit._id, marksOf(hit._source));
  }
}

const source = z.object({
  stepsecurity: z.object({ fingerprint: z.string().optional(), origin: z.string().optional() }),
});

/** Empty if someone else wrote the document, or if a pipeline removed the fields. */
function marksOf(value: unknown): StoredMarks {
  if (value === undefined) return NO_MARKS;
  const read = source.safeParse(value);
  if (!read.success) return NO_MARKS;
  const { fingerprint, origin } = read.data.stepsecurity;
  return {
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(origin === undefined ? {} : { origin }),
  };
}
