import { createOutput, moveTo, type Output, PAGE_BYTES } from './output.ts';

/**
 * The memory that documents are written into, used again once all documents of a batch are settled. Fresh memory for each
 * would not only cost its own clearing: V8 counts it, and collects its heap the more often.
 */
export interface Pages {
  /**
   * Begins a batch: what is written up to the next call has pages of its own. The function that is returned frees them; it
   * is called when nobody reads these documents any more, or never: then they are garbage like anything else.
   */
  open(): () => void;
}

/** The pages, as the writers see them. */
interface WrittenPages extends Pages {
  /** Where the next document goes. A document is written at a stretch. */
  out(): Output;
}

/** Room that is nearly always enough for one more document. */
const MARGIN = 16_384;
/** More than the batches under way fill. */
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

  /** The next document begins on another page. */
  const leave = (): void => {
    out.start = out.bytes.length;
    out.at = out.start;
  };

  return {
    out() {
      // Whatever is there belongs to a document that was given up half written.
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
