import type { z } from 'zod';

/**
 * What the JSON Schema says of an option that others can make meaningless: its default, and that it may not be written
 * down just because it is in effect.
 */
export function conditional(standard: string | boolean) {
  return { default: standard, 'x-conditional': true };
}

/**
 * Complains of options that are given although the others take their meaning: somebody who sets one expects something
 * of it. Only an option without a default of its own (see `durationIfGiven`) shows whether it was given.
 */
export function refuseMeaningless<Options extends object>(
  options: Options,
  keys: readonly (keyof Options & string)[],
  why: string,
  context: z.RefinementCtx<Options>,
): void {
  for (const key of keys) {
    if (options[key] === undefined) continue;
    context.addIssue({ code: 'custom', path: [key], message: `has no meaning ${why}: leave it out` });
  }
}
