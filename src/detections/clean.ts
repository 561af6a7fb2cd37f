import { isObject } from '../contracts/json.ts';
import type { JsonObject } from '../contracts/types.ts';
import { redactObject } from './redact.ts';

/** What the vendor sent, and what our own API source added, both redacted. */
export function clean(
  original: JsonObject,
  suspect: boolean,
  believed: boolean,
): { readonly payload: JsonObject; readonly ours: JsonObject | undefined } {
  const redacted = suspect ? redactObject(original) : original;
  if (!believed || redacted.stepsecurity_siem === undefined) return { payload: redacted, ours: undefined };
  const { stepsecurity_siem: ours, ...payload } = redacted;
  return { payload, ours: isObject(ours) ? ours : undefined };
}
