import type { SecretFinding } from './detection.ts';

/** Where in a run the secret was found, e.g. `.github/workflows/ci.yml#job=build;step=5;line=14`. */
export function secretPlace(
  workflow: string | undefined,
  job: string | undefined,
  { step_number: step, line_number: line }: SecretFinding,
): string | undefined {
  if (workflow === undefined) return undefined;
  const parts = [
    job === undefined ? undefined : `job=${job}`,
    step === undefined ? undefined : `step=${step}`,
    line === undefined ? undefined : `line=${line}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? workflow : `${workflow}#${parts.join(';')}`;
}
