import type { Document } from '../contracts/types.ts';
import type { Detection } from '../detections/detection.ts';

/** One detection in the terms of one schema: one document, or two with CIM's profile `fan_out`. Pure. */
export type Mapper = (detection: Detection) => readonly Document[];

export type Role = NonNullable<Document['role']>;

/** The document for a detection's JSON. */
export function toDocument(detection: Detection, json: Buffer, role?: Role): Document {
  return {
    uid: detection.uid,
    kind: detection.id,
    dataset: detection.profile.dataset,
    time: detection.time,
    timeIsReceipt: detection.time_is_receipt,
    json,
    ...(role === undefined ? {} : { role }),
  };
}
