import { expect } from '@jest/globals';
import type { Context } from '../../src/contracts/component.ts';
import type { Document, Json, Sink } from '../../src/contracts/types.ts';
import { lendingTo } from './lent.ts';

interface Kept {
  readonly open: (context: Context) => Promise<Sink>;
  readonly contents: () => Promise<readonly Json[]>;
}

/** Batches, one after the other and side by side, arrive as they were although their memory is gone once each is settled. */
export async function keepsNothing(
  { open, contents }: Kept,
  context: Context,
  batches: readonly (readonly Document[])[],
): Promise<void> {
  const sink = lendingTo(await open(context));
  const [first = [], ...others] = batches;
  await sink.write(first, context.abort);
  await Promise.all(others.map((batch) => sink.write(batch, context.abort)));
  // Whatever it still meant to send must have been on its way before.
  await sink.close?.();
  const texts = (values: readonly Json[]): string[] => values.map((value) => JSON.stringify(value)).sort();
  const sent = batches.flat().map(({ json }) => JSON.parse(json.toString()) as Json);
  expect(texts(await contents())).toEqual(texts(sent));
}
