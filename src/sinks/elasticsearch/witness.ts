import type { Document } from '../../contracts/types.ts';

/** If documents are larger than this, none is kept, because it is held for the whole run. */
const MOST_BYTES = 64 * 2 ** 10;

/** A document that this run saw stored, and its backing index. */
export interface Witness {
  /** Keeps the first document of each index; a copy, because the document's memory is reused. */
  readonly keep: (document: Document, index: string) => void;
  /** A document in this index. */
  readonly of: (index: string | undefined) => Document | undefined;
}

export function createWitness(): Witness {
  let kept: { readonly document: Document; readonly index: string } | undefined;
  return {
    keep(document, index) {
      if (kept?.index === index || document.json.length > MOST_BYTES) return;
      kept = { document: { ...document, json: Buffer.from(document.json) }, index };
    },
    of: (index) => (kept !== undefined && kept.index === index ? kept.document : undefined),
  };
}
