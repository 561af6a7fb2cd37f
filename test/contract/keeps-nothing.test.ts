import { expect, it } from '@jest/globals';
import type { Document, Json, Outcome, Sink } from '../../src/contracts/types.ts';
import { keepsNothing } from './keeps-nothing.ts';
import { documentsOf, testContext } from './sink.ts';

/** Shows that the contract can fail: with sinks that keep documents, and with one that does not. */

const DELIVERED: Outcome = { fate: 'delivered' };
type Store = (json: Buffer) => void;
type Make = (store: Store) => Sink;

const settled = (documents: readonly Document[]): Outcome[] => documents.map(() => DELIVERED);
const outcome = async (make: Make): Promise<void> => {
  const stored: string[] = [];
  const sink = make((json) => void stored.push(json.toString()));
  const contents = async (): Promise<Json[]> => stored.map((text) => JSON.parse(text) as Json);
  const batches = [documentsOf(3, 'a'), documentsOf(3, 'b'), documentsOf(3, 'c')];
  await keepsNothing({ open: async () => sink, contents }, testContext(), batches);
};

const storing: Make = (store) => ({
  async write(documents) {
    await Promise.resolve();
    for (const { json } of documents) store(json);
    return settled(documents);
  },
});

const later: Make = (store) => ({
  async write(documents) {
    setImmediate(() => documents.forEach(({ json }) => store(json)));
    return settled(documents);
  },
  close: () => new Promise((resolve) => setTimeout(resolve, 20)),
});

const atTheEnd: Make = (store) => {
  const kept: Document[] = [];
  return {
    async write(documents) {
      kept.push(...documents);
      return settled(documents);
    },
    close: async () => kept.forEach(({ json }) => store(json)),
  };
};

const withTheNext: Make = (store) => {
  let kept: readonly Document[] = [];
  const flush = (): void => kept.forEach(({ json }) => store(json));
  return {
    async write(documents) {
      flush();
      kept = documents;
      return settled(documents);
    },
    close: async () => flush(),
  };
};

it('passes a sink that does not keep its documents', () => expect(outcome(storing)).resolves.toBeUndefined());

it.each([
  ['a turn later', later],
  ['when it is closed', atTheEnd],
  ['with the next batch', withTheNext],
])('fails a sink that sends them %s', async (_, make) => {
  await expect(outcome(make)).rejects.toThrow();
});
