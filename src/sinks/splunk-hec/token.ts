import { classify, type Reply } from './classify.ts';

/** What a request without events tells of the token. Nothing is stored. */
export type TokenVerdict =
  | { readonly is: 'taken' }
  | { readonly is: 'refused'; readonly reason: string }
  /** Nobody looked at it. */
  | { readonly is: 'unknown'; readonly reason: string; readonly retryAfterMs?: number | undefined };

/** HEC looks at the token first: to say that there are no events (code 5) it must have taken it. */
export function judgeToken(reply: Reply, ack: boolean): TokenVerdict {
  // Receivers of other makers take an empty request as a good one.
  if (reply.status === 200) return { is: 'taken' };
  const verdict = classify(reply, { count: 0, ack, index: undefined });
  if (verdict.act === 'config') return { is: 'refused', reason: verdict.reason };
  if (verdict.act === 'blocked') return { is: 'refused', reason: verdict.otherwise };
  if (verdict.act !== 'retry' || reply.status === 400) return { is: 'taken' };
  return { is: 'unknown', reason: verdict.reason, retryAfterMs: verdict.retryAfterMs };
}
