import type { JsonObject } from '../src/contracts/types.ts';
import { uidOf } from '../src/detections/identity.ts';

/** The uid of a payload under the default configuration. */
export function uidOfPayload(payload: object): string {
  return uidOf(payload as JsonObject, 'event_id');
}
