/** Up to five of them, for a sentence, and how many more there are. */
export function firstFive(offenders: readonly string[] | undefined): string | undefined {
  if (offenders === undefined || offenders.length === 0) return undefined;
  const rest = offenders.length - 5;
  return offenders.slice(0, 5).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
