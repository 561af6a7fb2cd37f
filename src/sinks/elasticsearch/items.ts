/** One entry of a bulk reply, of what `ITEM_PATHS` keeps. */
export interface Item {
  readonly status: number;
  readonly _index?: string;
  readonly failure_store?: string;
  readonly error?: ItemError;
}

export interface ItemError {
  readonly type?: string;
  readonly reason?: string;
  readonly caused_by?: ItemError;
}

/** The `filter_path` that leaves of a reply what pairing and the table below need. `status` keeps every item there. */
export const ITEM_PATHS = [
  'errors',
  'items.*.status',
  'items.*._index',
  'items.*.failure_store',
  'items.*.error.type',
  'items.*.error.reason',
  'items.*.error.caused_by.type',
].join(',');

/** What an item asks for. `credentials` and `unavailable` stop the run; `later` and `broken` are sent again. */
export type Verdict =
  | { readonly is: 'delivered' | 'duplicate' }
  | { readonly is: 'filtered'; readonly by: string }
  | { readonly is: 'rejected'; readonly type: string; readonly reason: string }
  /** The server is busy, or the shard is away: nothing wrong with the document. */
  | { readonly is: 'later'; readonly reason: string }
  /** The server failed over this document; it may have been stored. */
  | { readonly is: 'broken'; readonly type: string; readonly reason: string }
  | { readonly is: 'credentials' | 'unavailable'; readonly reason: string };

const LONGEST_REASON = 500;

/** The one table of what each item of a bulk reply means. */
export function judge(item: Item): Verdict {
  const { status } = item;
  const type = item.error?.type ?? `http_${status}`;
  if (item.failure_store === 'used') {
    const reason = 'kept in the failure store: its mapping or an ingest pipeline refused it';
    return { is: 'rejected', type: 'failure_store', reason };
  }
  if (status === 201) return { is: 'delivered' };
  if (status === 200) return { is: 'filtered', by: 'dropped_by_pipeline' };
  if (status === 409) return { is: 'duplicate' };
  const reason = explain(item.error, type);
  if (status === 429 || status === 503) return { is: 'later', reason };
  if (status >= 500) return { is: 'broken', type, reason };
  if (status === 401) return { is: 'credentials', reason };
  if (status === 403) return { is: type === 'security_exception' ? 'credentials' : 'unavailable', reason };
  if (status === 404 || type === 'index_closed_exception' || isMissingPipeline(item.error)) {
    return { is: 'unavailable', reason };
  }
  return { is: 'rejected', type, reason };
}

/** A default pipeline that does not exist answers 400, as a bad document would. */
function isMissingPipeline(error: ItemError | undefined): boolean {
  return (
    error?.type === 'illegal_argument_exception' && error.reason?.startsWith('pipeline with id [') === true
  );
}

/** `type: reason (caused by type)` of at most 500 characters, without what the server quotes of the document. */
export function explain(error: ItemError | undefined, type = error?.type ?? 'unknown'): string {
  const cause = error?.caused_by?.type;
  const text = `${type}: ${withoutQuotes(error?.reason ?? 'no reason given')}${cause === undefined ? '' : ` (caused by ${cause})`}`;
  return text.length <= LONGEST_REASON ? text : `${text.slice(0, LONGEST_REASON - 1)}…`;
}

/**
 * Elasticsearch's reasons quote field values: `Preview of field's value: '…'`, `For input string: "…"`, `failed to
 * parse date field […]`, `… [value] as only [true] or [false]`. Field names and types, also in brackets, are kept.
 */
function withoutQuotes(reason: string): string {
  return reason
    .replace(/\s*Preview of field's value: [\s\S]*$/, '')
    .replace(/((?:value|date field|input|term is:) )\[[\s\S]*?\](?=\s|$|\.|,)/gi, '$1[…]')
    .replace(/'[^']*'|"[^"]*"/g, '…')
    .replace(/\s+/g, ' ')
    .trim();
}
