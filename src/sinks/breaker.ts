import { UnavailableError } from '../errors.ts';

/** A request smaller than this is no proof that the destination refuses everything. */
const ENOUGH = 20;

/**
 * Stops the run when a whole request of 20 or more documents was rejected for one and the same type of error: a wrong
 * template or pipeline must not drain a month into the dead letters. `types` holds one entry per rejected document (the
 * destination's own word for the error, e.g. `document_parsing_exception`), `requested` counts all documents of the
 * request. Throws `UnavailableError`, so that nothing of the batch is acked.
 */
export function breakOnRefusal(sink: string, types: readonly string[], requested: number): void {
  const first = types[0];
  if (first === undefined || requested < ENOUGH || types.length < requested) return;
  if (types.some((type) => type !== first)) return;
  throw new UnavailableError(
    `${sink} rejected all ${requested} documents of a request with the same error (${first}): this looks like its template or pipeline, not like the documents; nothing was acknowledged`,
  );
}
