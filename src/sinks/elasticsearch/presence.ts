import type { Client } from '@elastic/elasticsearch';
import { ConfigError } from '../../contracts/errors.ts';
import type { Document, Log, Meter, Presence } from '../../contracts/types.ts';
import { isAbsent, translate } from './failures.ts';
import { NotUnderstoodError } from './statuses.ts';
import { findStored } from './stored.ts';
import type { Stream } from './stream.ts';

const UIDS_PER_SEARCH = 1_000;
const FAILED: Presence = { is: 'failed' };
const MISSING: Presence = { is: 'missing' };

interface Question {
  readonly client: Client;
  readonly stream: Stream;
  readonly meter: Meter;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** What one stream has of its share of these documents. Throws as `translate` does. */
export async function presenceIn(
  documents: readonly Document[],
  question: Question,
): Promise<readonly Presence[]> {
  const { client, stream, meter, signal } = question;
  const backing = await stream.refresh(client, signal);
  if (backing.indices.length === 0 && !backing.rolling) return documents.map(() => MISSING);
  const uids = documents.map(({ uid }) => uid);
  const stored = await findStored(uids, {
    client,
    stream: stream.name,
    backing,
    meter,
    signal,
    marks: true,
  });
  const failed = await findFailed(
    uids.filter((uid) => !stored.has(uid)),
    question,
  );
  return uids.map((uid) => {
    const marks = stored.get(uid);
    if (marks !== undefined) return { is: 'stored', ...marks };
    return failed.has(uid) ? FAILED : MISSING;
  });
}

/**
 * Makes recent writes visible to searches. A run does not need these privileges; without them, documents added to the
 * older backing indices or the failure store in the last few seconds are not seen.
 */
export async function refresh({ client, stream, log, signal }: Question): Promise<void> {
  for (const index of [stream.name, `${stream.name}::failures`]) {
    try {
      await client.indices.refresh({ index, ignore_unavailable: true }, { signal });
    } catch (error) {
      const meaning = isAbsent(error) ? undefined : translate(error, `refreshing ${index}`, signal);
      if (meaning === undefined || meaning instanceof NotUnderstoodError) continue;
      if (!(meaning instanceof ConfigError)) throw meaning;
      log.warn({ index, reason: meaning.message }, 'not refreshed: the newest documents may not be seen');
    }
  }
}

/** Which uids are in the stream's failure store. Empty if there is no such store (before 8.19, or switched off). */
async function findFailed(
  uids: readonly string[],
  { client, stream, meter, log, signal }: Question,
): Promise<Set<string>> {
  const failed = new Set<string>();
  for (let at = 0; at < uids.length; at += UIDS_PER_SEARCH) {
    const some = uids.slice(at, at + UIDS_PER_SEARCH);
    meter.add('search_requests');
    try {
      // Buckets rather than hits, because the same document may have failed many times.
      const reply = await client.search<unknown, { ids: { buckets: { key: string }[] } }>(
        {
          index: `${stream.name}::failures`,
          size: 0,
          query: { terms: { 'document.id': some } },
          aggregations: { ids: { terms: { field: 'document.id', size: some.length } } },
          allow_partial_search_results: false,
        },
        { signal },
      );
      for (const { key } of reply.aggregations?.ids.buckets ?? []) failed.add(key);
    } catch (error) {
      if (isAbsent(error)) return failed;
      const meaning = translate(error, `searching ${stream.name}::failures`, signal);
      if (meaning instanceof NotUnderstoodError) return failed;
      if (!(meaning instanceof ConfigError)) throw meaning;
      log.warn(
        { reason: meaning.message },
        'the failure store may not be searched (privilege read_failure_store): its documents count as missing',
      );
      return failed;
    }
  }
  return failed;
}
