import type { Document, Sink } from '../../src/contracts/types.ts';
import type { Mapper } from '../../src/mapping/document.ts';
import type { Pages } from '../../src/mapping/writer/index.ts';

/** A byte that no UTF-8 holds: what is read too late is no text. */
const POISON = 0xff;

/**
 * The sink, given documents in memory that is gone as soon as `write` has settled, as the pages of a run are. In a run it
 * holds another batch by then: whoever keeps a document sends something else, and nothing complains.
 */
export function lendingTo(sink: Sink): Sink {
  return {
    ...sink,
    async write(documents, signal) {
      const page = Buffer.concat(documents.map(({ json }) => json));
      let at = 0;
      const lent = documents.map((document): Document => {
        const json = page.subarray(at, at + document.json.length);
        at += json.length;
        return { ...document, json };
      });
      try {
        return await sink.write(lent, signal);
      } finally {
        page.fill(POISON);
      }
    },
  };
}

interface Mapping {
  readonly map: Mapper;
  readonly pages: Pages;
}

/** The same for the stages of a run: what a batch's documents were written into is gone when they are freed. */
export function poisoning<Stages extends Mapping>(stages: Stages): Stages {
  let written: Buffer[] = [];
  return {
    ...stages,
    map: (detection) => {
      const documents = stages.map(detection);
      written.push(...documents.map(({ json }) => json));
      return documents;
    },
    pages: {
      open: () => {
        const mine: Buffer[] = [];
        written = mine;
        const free = stages.pages.open();
        return () => {
          for (const json of mine) json.fill(POISON);
          free();
        };
      },
    },
  };
}
