import { createUidSet, type UidSet } from '../text/uid-set.ts';

/** What a page says about the rest of its list. */
export interface Turn {
  /** Whether more pages follow; undefined if the page does not say. */
  readonly more: boolean | undefined;
  readonly token: string | undefined;
  /** Items on the page. */
  readonly items: number;
  /** Distinguishes this page's content from another's. */
  readonly content: string;
}

/** The list cannot be read to its end, and retrying the page does not help. */
export class BrokenListError extends Error {
  override name = 'BrokenListError';
  /** Reading the list from the beginning may help. */
  readonly fromStart: boolean;
  constructor(message: string, fromStart = true) {
    super(message);
    this.fromStart = fromStart;
  }
}

/** Items that move while they are listed can repeat a small page; this many repeated pages in a row mean a loop. */
const STALE_PAGES = 3;
/** A filter applied after paging gives empty pages with a token; this many in a row mean a loop. */
const EMPTY_PAGES = 1_000;

/**
 * Follows the pages of one list. Returns the token of the next page, or undefined at the end of the list. Throws
 * `BrokenListError` when a server says there is more but gives no way to get it, or leads in a circle: what was read is
 * then not the whole list, and must not count as such. Uses about 60 bytes per page.
 */
export function followPages(): (turn: Turn) => string | undefined {
  // Created for the second page: most lists have only one.
  let seen: { readonly tokens: UidSet; readonly contents: UidSet } | undefined;
  let stale = 0;
  let empty = 0;
  return ({ more, token, items, content }) => {
    const next = token === '' ? undefined : token;
    if (more === false) return undefined;
    if (next === undefined) {
      throw new BrokenListError(
        more
          ? 'it says there is more but gives no token'
          : 'its answer does not say whether there is more: is this the right endpoint?',
      );
    }
    seen ??= { tokens: createUidSet(), contents: createUidSet() };
    if (!seen.tokens.add(next)) throw new BrokenListError('its page token does not advance');
    empty = items === 0 ? empty + 1 : 0;
    if (empty >= EMPTY_PAGES)
      throw new BrokenListError(`it returns only empty pages (${EMPTY_PAGES} in a row)`, false);
    if (items === 0) return next;
    stale = seen.contents.add(content) ? 0 : stale + 1;
    if (stale >= STALE_PAGES) throw new BrokenListError('it repeats its pages');
    return next;
  };
}
