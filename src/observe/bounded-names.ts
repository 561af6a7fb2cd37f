/** Maximum values of one label: most come from payloads, and every new one is a new time series forever. */
export const MOST_NAMES = 50;

const OTHER = 'other';

/** Returns the first `MOST_NAMES` names unchanged, and `other` for all later ones. Those in `known` came first. */
export function boundedNames(known: Iterable<string> = []): (name: string) => string {
  const names = new Set<string>();
  const bounded = (name: string): string => {
    if (names.has(name)) return name;
    if (name === OTHER || name === '(other)' || names.size >= MOST_NAMES) return OTHER;
    names.add(name);
    return name;
  };
  for (const name of known) bounded(name);
  return bounded;
}
