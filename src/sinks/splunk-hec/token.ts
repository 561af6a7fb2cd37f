import { classify, type Reply } from './classify.ts';

/** What a request without events shows about the token. Nothing is stored. */
export type TokenVerdict =
  | { readonly is: 'taken' }
  | { readonly is: 'refused'; readonly reason: string }
  /** It was not checked. */
  | { readonly is: 'unknown'; readonly reason: string; readonly retryAfterMs?: number | undefined };

/** HEC checks the token first: if it answers that there are no events (code 5), it has accepted the token. */
export function judgeToken(reply: Reply, ack: boolean): TokenVerdict {
  // Other vendors' receivers accept an empty request.
  if (reply.status === 200) return { is: 'taken' };
  const verdict = classify(reply, { count: 0, ack, index: undefined });
  if (verdict.act === 'config') return { is: 'refused', reason: verdict.reason };
  if (verdict.act === 'blocked') return { is: 'refused', reason: verdict.otherwise };
  if (verdict.act !== 'retry' || reply.status === 400) return { is: 'taken' };
  return { is: 'unknown', reason: verdict.reason, retryAfterMs: verdict.retryAfterMs };
}
