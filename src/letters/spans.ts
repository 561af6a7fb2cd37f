/** Where something lies in an object: the offset of its record, and its place in a grouped one. */
export interface Spot {
  readonly offset: number;
  readonly index: number;
}

/** Faults with nothing else between them. */
export interface Span {
  readonly first: Spot;
  readonly last: Spot;
  readonly count: number;
  /** It goes on where the span before it ended. */
  readonly joined: boolean;
}

/** At most this many spans of an object are kept apart (about a megabyte of letter); later faults widen the last one. */
export const MAX_SPANS = 10_000;

export function isBehind(a: Spot, b: Spot): boolean {
  return a.offset > b.offset || (a.offset === b.offset && a.index > b.index);
}

export function isIn({ first, last }: Pick<Span, 'first' | 'last'>, place: Spot): boolean {
  return !isBehind(first, place) && !isBehind(place, last);
}

/** The part of these spans after a place, in the same order. */
export function beyond(spans: readonly Span[], place: Spot | undefined): Span[] {
  if (place === undefined) return [...spans];
  return spans.flatMap((span) => {
    if (!isBehind(span.last, place)) return [];
    if (span.first.offset !== place.offset || isBehind(span.first, place)) return [span];
    const first = { offset: place.offset, index: place.index + 1 };
    return [{ ...span, first, count: Math.min(span.count, span.last.index - place.index) }];
  });
}

/** Adds a span behind others: to the last of them where it goes on from it, or where there are too many. */
export function append(spans: Span[], span: Span, max: number): void {
  const previous = spans.at(-1);
  if (previous === undefined || (!span.joined && spans.length < max)) {
    spans.push(span);
    return;
  }
  spans[spans.length - 1] = { ...previous, last: span.last, count: previous.count + span.count };
}
