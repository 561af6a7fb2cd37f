import type { Document, Sink } from '../../src/contracts/types.ts';
import type { Mapper } from '../../src/mapping/document.ts';
import type { Pages } from '../../src/mapping/writer/index.ts';

/** A byte that is invalid in UTF-8: whatever is read too late is not text. */
const POISON = 0xff;

/**
 * Wraps a sink so that its documents are in memory that is overwritten as soon as `write` has settled, like the pages
 * of a run. In a run that memory then holds another batch: a sink that keeps a document would send something else, and
 * no error would show it.
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

/** The same for the stages of a run: the memory of a batch's documents is overwritten when they are freed. */
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
