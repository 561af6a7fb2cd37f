import { UnavailableError } from '../contracts/errors.ts';

/** A request smaller than this is no proof that the destination refuses everything. */
export const ENOUGH = 20;

/** What became of something that is known to be good, sent to the same place as what was refused. */
export type Trial =
  | { readonly is: 'taken' }
  /** `what` was sent, as a phrase: `a document it holds already`. */
  | { readonly is: 'refused'; readonly what: string; readonly reason: string }
  /** There was nothing to try it with. */
  | { readonly is: 'untried'; readonly why: string };

/**
 * Tells a wrong template from wrong documents. Called when a whole request was refused: `types` holds one entry per
 * refused document (the destination's own word for the error, e.g. `document_parsing_exception`), `requested` counts all
 * documents of the request. From 20 on `attempt` decides: when something good is taken, only these documents are at fault
 * and go to the dead letters; when it is refused as well, a month must not drain into them. Untried, one and the same
 * error speaks for the template. Throws `UnavailableError` to stop the run, with nothing of the batch acked.
 */
export async function breakOnRefusal(
  sink: string,
  types: readonly string[],
  requested: number,
  attempt: () => Promise<Trial>,
): Promise<void> {
  if (requested < ENOUGH || types.length < requested) return;
  const trial = await attempt();
  if (trial.is === 'taken') return;
  const kinds = [...new Set(types)];
  if (trial.is === 'untried' && kinds.length > 1) return;
  const refused = `${sink} refused all ${requested} documents of a request (${kinds.slice(0, 3).join(', ')})`;
  throw new UnavailableError(
    trial.is === 'refused'
      ? `${refused} and ${trial.what} (${trial.reason}): its template or pipeline is wrong, not the documents; nothing was acknowledged`
      : `${refused} with the same error, and ${trial.why}: this looks like its template or pipeline, not like the documents; nothing was acknowledged`,
  );
}
