import { expect } from '@jest/globals';
import type { Context } from '../../src/contracts/component.ts';
import type { Document, Json, Sink } from '../../src/contracts/types.ts';
import { lendingTo } from './lent.ts';

interface Kept {
  readonly open: (context: Context) => Promise<Sink>;
  readonly contents: () => Promise<readonly Json[]>;
}

/**
 * Batches written one after the other and side by side arrive intact, although their memory is reused once each is
 * settled.
 */
export async function keepsNothing(
  { open, contents }: Kept,
  context: Context,
  batches: readonly (readonly Document[])[],
): Promise<void> {
  const sink = lendingTo(await open(context));
  const [first = [], ...others] = batches;
  await sink.write(first, context.abort);
  await Promise.all(others.map((batch) => sink.write(batch, context.abort)));
  // Anything the sink still has to send must be on its way before this.
  await sink.close?.();
  const texts = (values: readonly Json[]): string[] => values.map((value) => JSON.stringify(value)).sort();
  const sent = batches.flat().map(({ json }) => JSON.parse(json.toString()) as Json);
  expect(texts(await contents())).toEqual(texts(sent));
}
