import * as z from 'zod';
import { type DeadLetter, letterSchema } from './letter.ts';

export const traceSchema = letterSchema.omit({ reason: true, tries: true, text: true }).extend({
  /** When it was discarded, ISO 8601. */
  discarded: z.string(),
});

/** What is kept of a discarded letter: enough to say what it was about, none of its content. */
export type Trace = z.output<typeof traceSchema>;

export function traceOf(letter: DeadLetter, discarded: string): Trace {
  // The schema drops all other keys.
  return traceSchema.parse({ ...letter, discarded });
}
