import type { z } from 'zod';

/**
 * What the JSON Schema says about an option that others can make meaningless: its default, and that it must not be
 * written down just because it is in effect.
 */
export function conditional(standard: string | boolean) {
  return { default: standard, 'x-conditional': true };
}

/**
 * Complains about options that were given although other options make them meaningless: anyone who sets one expects it
 * to do something. Only an option without a default (see `durationIfGiven`) shows whether it was given.
 */
export function refuseMeaningless<Options extends object>(
  options: Options,
  keys: readonly (keyof Options & string)[],
  why: string,
  context: z.RefinementCtx<Options>,
): void {
  for (const key of keys) {
    if (options[key] === undefined) continue;
    context.addIssue({ code: 'custom', path: [key], message: `has no effect ${why}: leave it out` });
  }
}
