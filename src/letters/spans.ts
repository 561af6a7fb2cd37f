/** A place in an object: the offset of its record, and the index in a grouped record. */
export interface Spot {
  readonly offset: number;
  readonly index: number;
}

/** Faults with nothing else between them. */
export interface Span {
  readonly first: Spot;
  readonly last: Spot;
  readonly count: number;
  /** Continues where the previous span ended. */
  readonly joined: boolean;
}

/** Maximum number of separate spans per object (about a megabyte of letter); later faults widen the last one. */
export const MAX_SPANS = 10_000;

export function isAfter(a: Spot, b: Spot): boolean {
  return a.offset > b.offset || (a.offset === b.offset && a.index > b.index);
}

export function isIn({ first, last }: Pick<Span, 'first' | 'last'>, place: Spot): boolean {
  return !isAfter(first, place) && !isAfter(place, last);
}

/** The part of these spans after a place, in the same order. */
export function beyond(spans: readonly Span[], place: Spot | undefined): Span[] {
  if (place === undefined) return [...spans];
  return spans.flatMap((span) => {
    if (!isAfter(span.last, place)) return [];
    if (span.first.offset !== place.offset || isAfter(span.first, place)) return [span];
    const first = { offset: place.offset, index: place.index + 1 };
    return [{ ...span, first, count: Math.min(span.count, span.last.index - place.index) }];
  });
}

/** Appends a span after the others: merges it into the last one if it continues it, or if there are too many. */
export function append(spans: Span[], span: Span, max: number): void {
  const previous = spans.at(-1);
  if (previous === undefined || (!span.joined && spans.length < max)) {
    spans.push(span);
    return;
  }
  spans[spans.length - 1] = { ...previous, last: span.last, count: previous.count + span.count };
}
