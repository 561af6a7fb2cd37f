import { createOutput, moveTo, type Output, PAGE_BYTES } from './output.ts';

/**
 * The memory that documents are written into, reused once all documents of a batch are settled. Fresh memory for
 * each would not only have to be cleared: V8 counts it, and would collect garbage more often.
 */
export interface Pages {
  /**
   * Starts a batch: everything written until the next call goes to its own pages. The returned function frees them,
   * once these documents are no longer read. If it is never called, the pages become garbage like anything else.
   */
  open(): () => void;
}

/** The pages, as the writers see them. */
interface WrittenPages extends Pages {
  /** Where the next document goes. A document is written without interruption. */
  out(): Output;
}

/** Nearly always enough for one more document. */
const MARGIN = 16_384;
/** More pages than the current batches fill. */
const MOST_FREE = 64;

export function createPages(): WrittenPages {
  const out = createOutput(0);
  const free: Buffer[] = [];
  let batch: Buffer[] | undefined;

  const turn = (): void => {
    moveTo(out, free.pop() ?? Buffer.allocUnsafeSlow(PAGE_BYTES));
    out.start = 0;
    out.at = 0;
    batch?.push(out.bytes);
  };

  /** Makes the next document start on a new page. */
  const leave = (): void => {
    out.start = out.bytes.length;
    out.at = out.start;
  };

  return {
    out() {
      // Anything there belongs to a document that was abandoned half written.
      out.at = out.start;
      if (out.at + MARGIN > out.bytes.length) turn();
      return out;
    },
    open() {
      const pages: Buffer[] = [];
      batch = pages;
      leave();
      return () => {
        if (batch === pages) {
          batch = undefined;
          leave();
        }
        free.push(...pages.splice(0, MOST_FREE - free.length));
        pages.length = 0;
      };
    },
  };
}
