import { isObject } from '../contracts/json.ts';
import type { JsonObject } from '../contracts/types.ts';
import type { Redactor } from '../redaction/redactor.ts';

export interface Clean {
  readonly payload: JsonObject;
  /** What our own API source added. */
  readonly ours: JsonObject | undefined;
  /** How often each redaction rule masked something; absent if nothing was masked. */
  readonly masks: ReadonlyMap<string, number> | undefined;
}

/**
 * What the vendor sent, and what our own API source added, both redacted. `redactor` is absent if nothing is
 * suspect.
 */
export function clean(original: JsonObject, redactor: Redactor | undefined, believed: boolean): Clean {
  const { redacted, masks } =
    redactor === undefined ? { redacted: original, masks: undefined } : redact(original, redactor);
  if (!believed || redacted.stepsecurity_siem === undefined) {
    return { payload: redacted, ours: undefined, masks };
  }
  const { stepsecurity_siem: ours, ...payload } = redacted;
  return { payload, ours: isObject(ours) ? ours : undefined, masks };
}

function redact(original: JsonObject, redactor: Redactor): { redacted: JsonObject; masks: Clean['masks'] } {
  const counts = new Map<string, number>();
  const redacted = redactor.object(original, (rule) => void counts.set(rule, (counts.get(rule) ?? 0) + 1));
  return { redacted, masks: counts.size === 0 ? undefined : counts };
}
