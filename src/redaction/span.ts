/** A secret in a text, and the rule that found it. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly rule: string;
}

/** The beginning of every mask; a text that already contains one is left alone. */
export const MASK_BEGIN = '[REDACTED';

/** The text that replaces a secret. */
export function maskOf(rule: string): string {
  return `${MASK_BEGIN}:${rule}]`;
}

/**
 * The text with each span replaced by a mask. Overlapping spans become one mask, with the rule that `rank` puts first:
 * a token's own shape is more specific than the flag before it.
 */
export function masked(
  text: string,
  spans: readonly Span[],
  rank: (rule: string) => number,
  count: ((rule: string) => void) | undefined,
): string {
  let clean = '';
  let copied = 0;
  for (const { from, to, rule } of united(spans, rank)) {
    clean += text.slice(copied, from) + maskOf(rule);
    copied = to;
    count?.(rule);
  }
  return clean + text.slice(copied);
}

function united(spans: readonly Span[], rank: (rule: string) => number): Span[] {
  const sorted = spans.toSorted((a, b) => a.from - b.from || b.to - a.to);
  const all: Span[] = [];
  for (const span of sorted) {
    const last = all.at(-1);
    if (last === undefined || span.from >= last.to) {
      all.push(span);
      continue;
    }
    const rule = rank(span.rule) < rank(last.rule) ? span.rule : last.rule;
    all[all.length - 1] = { from: last.from, to: Math.max(last.to, span.to), rule };
  }
  return all;
}
