/**
 * The name in the list that differs from this one by a single typo: a letter added, dropped, changed, or swapped
 * with the next.
 */
export function nearTo(name: string, names: Iterable<string>): string | undefined {
  for (const one of names) if (one !== name && isOneSlip(one, name)) return one;
  return undefined;
}

function isOneSlip(a: string, b: string): boolean {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  const [restA, restB] = [a.slice(at), b.slice(at)];
  const swapped = `${restA[1] ?? ''}${restA[0] ?? ''}${restA.slice(2)}`;
  return (
    restA.slice(1) === restB.slice(1) ||
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    (restA.length > 1 && swapped === restB)
  );
}
