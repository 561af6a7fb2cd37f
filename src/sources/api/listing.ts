import type { RetryPolicy } from '../../contracts/component.ts';
import { RetryableError } from '../../contracts/errors.ts';
import { isObject } from '../../contracts/json.ts';
import { BrokenListError, followPages } from '../../io/paging.ts';
import { type ApiClient, RefusedError } from '../../stepsecurity/client.ts';
import { digest, type Row } from './row.ts';

/** One list to page through: one path and one set of filters. */
export interface Listing {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** The name of the rows in `data`, or at the top level if the list comes whole. */
  readonly list: 'detections' | 'evaluations' | 'compromised_components';
  /** The list comes in one answer, and accepts neither a limit nor a token. */
  readonly whole?: true;
  /** The API may not know the requested type and refuse it (400), which is a valid answer. */
  readonly mayBeUnknown?: true;
  readonly rows: (raw: unknown) => readonly Row[];
}

/** Lists that are read one after the other, because a row can move from one to the next. */
export interface Group {
  /** For messages: `my-org Domain-Blocked`. */
  readonly what: string;
  readonly listings: readonly Listing[];
}

export interface Paging {
  readonly client: ApiClient;
  readonly pageSize: number;
  readonly signal: AbortSignal;
  /** Called before each page. */
  readonly policy: () => RetryPolicy;
}

const RESTARTS = 2;

/**
 * The pages of a list, in order, with each row as the server sent it. If a list's token is refused along the way, or
 * the list loops, it is restarted up to two times (rows then appear again) before `BrokenListError` is thrown. Also
 * throws `RefusedError`, `UnavailableError` and `ConfigError` as the client does.
 */
export async function* pages(listing: Listing, paging: Paging): AsyncGenerator<readonly unknown[]> {
  for (let restarts = 0; ; restarts += 1) {
    try {
      yield* onePassThrough(listing, paging);
      return;
    } catch (error) {
      if (!(error instanceof BrokenListError) || !error.fromStart || restarts >= RESTARTS) throw error;
      paging.signal.throwIfAborted();
    }
  }
}

async function* onePassThrough(listing: Listing, paging: Paging): AsyncGenerator<readonly unknown[]> {
  const follow = followPages();
  let token: string | undefined = '';
  while (token !== undefined) {
    const { rows, more, token: next, content } = await fetchPage(listing, paging, token);
    yield rows;
    token = follow({ more, token: next, items: rows.length, content });
  }
}

async function fetchPage(listing: Listing, { client, pageSize, signal, policy }: Paging, token: string) {
  if (listing.whole) {
    const parse = (json: unknown) => wholeOf(json, listing.list);
    return client.get(listing.path, listing.query, parse, { signal, policy: policy() });
  }
  const query = { ...listing.query, limit: String(pageSize), ...(token !== '' && { next_token: token }) };
  try {
    return await client.get(listing.path, query, (json) => pageOf(json, listing.list), {
      signal,
      policy: policy(),
    });
  } catch (error) {
    // The first page was accepted with the same filters, so it is the token that is refused: it has probably expired.
    if (token !== '' && error instanceof RefusedError && error.status === 400) {
      throw new BrokenListError('its page token is refused (400)');
    }
    throw error;
  }
}

interface Page {
  readonly rows: readonly unknown[];
  readonly more: boolean;
  readonly token: string;
  /** Distinguishes this page's content from another's. */
  readonly content: string;
}

/** `{detections: [...]}`, or wrapped in `data` like other answers. */
function wholeOf(json: unknown, list: Listing['list']): Page {
  const outer = isObject(json) && isObject(json.data) ? json.data : json;
  const rows = isObject(outer) ? outer[list] : outer;
  if (rows !== null && !Array.isArray(rows)) throw new RetryableError(`an answer without \`${list}\``);
  return { rows: rows ?? [], more: false, token: '', content: '' };
}

/** `{data: {detections: [...] | null, has_more, next_token}}`; the vendor's Terraform client reads a bare array. */
function pageOf(json: unknown, list: Listing['list']): Page {
  if (Array.isArray(json)) return { rows: json, more: false, token: '', content: '' };
  const data = isObject(json) ? json.data : undefined;
  if (!isObject(data)) throw new RetryableError('an answer without `data`');
  const rows = data[list];
  if (rows !== null && !Array.isArray(rows)) throw new RetryableError(`an answer without \`data.${list}\``);
  const token = typeof data.next_token === 'string' ? data.next_token : '';
  const more = typeof data.has_more === 'boolean' ? data.has_more : token !== '';
  return { rows: rows ?? [], more, token, content: more ? digest(8, [rows]) : '' };
}
