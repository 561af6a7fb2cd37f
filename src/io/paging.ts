import { createUidSet, type UidSet } from '../text/uid-set.ts';

/** What a page says about the rest of its list. */
export interface Turn {
  /** Whether there is more; undefined when the page does not say. */
  readonly more: boolean | undefined;
  readonly token: string | undefined;
  /** Items on the page. */
  readonly items: number;
  /** Tells one page's content from another's. */
  readonly content: string;
}

/** The list cannot be read to its end, and asking longer does not help. */
export class BrokenListError extends Error {
  override name = 'BrokenListError';
  /** Reading it from its beginning may help. */
  readonly fromStart: boolean;
  constructor(message: string, fromStart = true) {
    super(message);
    this.fromStart = fromStart;
  }
}

/** Items that move while they are listed can repeat a small page; this many repeated pages in a row are a loop. */
const STALE_PAGES = 3;
/** A filter applied after the paging gives empty pages with a token; this many in a row are a loop. */
const EMPTY_PAGES = 1_000;

/**
 * Follows the pages of one list. Gives the token of the next page, undefined at the end of the list, and throws
 * `BrokenListError` where a server says that there is more without a way to it, or leads in a circle: what was read is
 * then not the whole list, and must not count as such. Costs some 60 bytes a page.
 */
export function followPages(): (turn: Turn) => string | undefined {
  // Made when a second page is due: most lists have one.
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
      throw new BrokenListError(`it gives only empty pages (${EMPTY_PAGES} in a row)`, false);
    if (items === 0) return next;
    stale = seen.contents.add(content) ? 0 : stale + 1;
    if (stale >= STALE_PAGES) throw new BrokenListError('it repeats its pages');
    return next;
  };
}
