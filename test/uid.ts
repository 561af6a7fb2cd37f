import type { JsonObject } from '../src/contracts/types.ts';
import { uidOf } from '../src/detections/identity.ts';

/** The uid that a payload goes under where the configuration says nothing else. */
export function uidOfPayload(payload: object): string {
  return uidOf(payload as JsonObject, 'event_id');
}
