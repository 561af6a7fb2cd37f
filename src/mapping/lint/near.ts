/** The name among these that another is a slip of the pen away from: a letter more, less, other, or two the other way round. */
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
