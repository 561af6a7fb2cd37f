import type { Document } from '../../../contracts/types.ts';
import type { Detection } from '../../../detections/detection.ts';
import { type Role, toDocument } from '../../document.ts';
import type { Writer } from '../../writer/index.ts';
import { cutPayload } from './cut-payload.ts';

/**
 * Bytes per event: Splunk cuts anything longer than the add-on's TRUNCATE, in the middle of the JSON, and many
 * receivers refuse requests over 1 MB.
 */
const MOST_BYTES = 900_000;

const CUT = 'payload_cut';

/**
 * An event small enough for receivers: if it is too long, long parts of its payload are cut, and a warning says so.
 */
export function fitted(detection: Detection, write: Writer, role?: Role): Document {
  const json = write(detection);
  if (json.length <= MOST_BYTES) return toDocument(detection, json, role);
  const warnings = [...detection.warnings, CUT];
  const short = write({ ...detection, payload: cutPayload(detection.payload), warnings });
  return { ...toDocument(detection, short, role), warning: CUT };
}
