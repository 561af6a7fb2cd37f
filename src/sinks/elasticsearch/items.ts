import { spoken } from '../../redaction/spoken.ts';
/** One entry of a bulk reply, with the fields that `ITEM_PATHS` keeps. */
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

/** The `filter_path` that leaves only what pairing and the table below need. `status` keeps every item in the reply. */
export const ITEM_PATHS = [
  'errors',
  'items.*.status',
  'items.*._index',
  'items.*.failure_store',
  'items.*.error.type',
  'items.*.error.reason',
  'items.*.error.caused_by.type',
].join(',');

/** What to do about an item. `credentials` and `unavailable` stop the run; `later` and `broken` are sent again. */
export type ItemVerdict =
  | { readonly is: 'delivered' | 'duplicate' }
  | { readonly is: 'filtered'; readonly by: string }
  | { readonly is: 'rejected'; readonly type: string; readonly reason: string }
  /** The server is busy, or the shard is unavailable: nothing is wrong with the document. */
  | { readonly is: 'later'; readonly reason: string }
  /** The server failed on this document; it may have been stored. */
  | { readonly is: 'broken'; readonly type: string; readonly reason: string }
  | { readonly is: 'credentials' | 'unavailable'; readonly reason: string };

const LONGEST_REASON = 500;

interface Circumstance {
  readonly status?: number;
  readonly type?: string;
  readonly reason?: RegExp;
  readonly is: 'later' | 'unavailable' | 'credentials';
  /** Put before the server's message if that does not say what to do. */
  readonly hint?: string;
}

/**
 * Refusals that are no document's fault, as 9.4.3 and 8.16.6 word them: many have the status of a bad document. The
 * first row that matches counts. Anything not listed here (a mapping, an ingest processor, `Limit of total fields`)
 * depends on the content of the document.
 */
const CIRCUMSTANCES: readonly Circumstance[] = [
  { status: 401, is: 'credentials' },
  { status: 403, type: 'security_exception', is: 'credentials' },
  // A write block, a read-only index, a searchable snapshot.
  { status: 403, is: 'unavailable' },
  // No such index, no template for a data stream, not a data stream.
  { status: 404, is: 'unavailable' },
  // Back-pressure, circuit breakers, and an index made read-only by the disk's flood stage.
  { status: 429, is: 'later' },
  { status: 503, is: 'later' },
  {
    type: 'validation_exception',
    reason: /maximum \w+ shards open/,
    is: 'later',
    hint: 'the cluster is at its shard limit (cluster.max_shards_per_node)',
  },
  { type: 'index_closed_exception', is: 'unavailable' },
  { type: 'illegal_argument_exception', reason: /^pipeline with id \[/, is: 'unavailable' },
  { type: 'illegal_state_exception', reason: /for non-existent pipeline/, is: 'unavailable' },
  { type: 'illegal_state_exception', reason: /^There are no ingest nodes/, is: 'later' },
  { type: 'illegal_argument_exception', reason: /^no write index is defined for alias/, is: 'unavailable' },
  { type: 'illegal_argument_exception', reason: /^data_stream \[/, is: 'unavailable' },
  { type: 'illegal_argument_exception', reason: /template after composition/, is: 'unavailable' },
  { type: 'invalid_index_name_exception', is: 'unavailable' },
];

/** The single table of what each item of a bulk reply means. */
export function judge(item: Item): ItemVerdict {
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
  const found = CIRCUMSTANCES.find((row) => fits(row, status, type, item.error?.reason ?? ''));
  if (found !== undefined) {
    return { is: found.is, reason: found.hint === undefined ? reason : `${found.hint}: ${reason}` };
  }
  if (status >= 500) return { is: 'broken', type, reason };
  return { is: 'rejected', type, reason };
}

function fits(row: Circumstance, status: number, type: string, reason: string): boolean {
  return (
    (row.status === undefined || row.status === status) &&
    (row.type === undefined || row.type === type) &&
    (row.reason === undefined || row.reason.test(reason))
  );
}

/** `type: reason (caused by type)`, at most 500 characters, without the server's quotes from the document. */
export function explain(error: ItemError | undefined, type = error?.type ?? 'unknown'): string {
  const cause = error?.caused_by?.type;
  // Truncate only after masking secrets: no rule recognizes half a secret.
  const words = spoken(withoutQuotes(error?.reason ?? 'no reason given'));
  const text = `${type}: ${words}${cause === undefined ? '' : ` (caused by ${cause})`}`;
  return text.length <= LONGEST_REASON ? text : `${text.slice(0, LONGEST_REASON - 1)}…`;
}

/**
 * Elasticsearch's reasons quote field values: `Preview of field's value: '…'`, `For input string: "…"`, `failed to
 * parse date field […]`, `… [value] as only [true] or [false]`. Field names and types are kept, even in brackets.
 */
function withoutQuotes(reason: string): string {
  return reason
    .replace(/\s*Preview of field's value: [\s\S]*$/, '')
    .replace(/((?:value|date field|input|term is:) )\[[\s\S]*?\](?=\s|$|\.|,)/gi, '$1[…]')
    .replace(/'[^']*'|"[^"]*"/g, '…')
    .replace(/\s+/g, ' ')
    .trim();
}
