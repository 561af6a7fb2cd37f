import { isObject } from '../contracts/json.ts';
import type { JsonObject } from '../contracts/types.ts';
import type { Redactor } from '../redaction/redactor.ts';

export interface Clean {
  readonly payload: JsonObject;
  /** What our own API source added. */
  readonly ours: JsonObject | undefined;
  /** How often each rule of redaction masked something; absent where nothing was masked. */
  readonly masks: ReadonlyMap<string, number> | undefined;
}

/** What the vendor sent, and what our own API source added, both redacted. `redactor` is absent where nothing is suspect. */
export function clean(original: JsonObject, redactor: Redactor | undefined, believed: boolean): Clean {
  const counts = new Map<string, number>();
  const count = (rule: string): void => void counts.set(rule, (counts.get(rule) ?? 0) + 1);
  const redacted = redactor === undefined ? original : redactor.object(original, count);
  const masks = counts.size === 0 ? undefined : counts;
  if (!believed || redacted.stepsecurity_siem === undefined) {
    return { payload: redacted, ours: undefined, masks };
  }
  const { stepsecurity_siem: ours, ...payload } = redacted;
  return { payload, ours: isObject(ours) ? ours : undefined, masks };
}
