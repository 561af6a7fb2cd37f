import { isObject } from '../contracts/json.ts';
import type { JsonObject } from '../contracts/types.ts';
import { fingerprintOf } from './fingerprint.ts';
import { text } from './scalars.ts';

/**
 * The fingerprints of the detections that a failed check lists. Each also arrives on its own, with an `event_id`
 * that the list does not give: the uid differs, but the fingerprint is that of the detection's own document. From
 * the unredacted payload; each once.
 */
export function findingsOf({ failure_data: data, owner, repo }: JsonObject): readonly string[] | undefined {
  const members = Array.isArray(data) ? data : [data];
  const found = members.filter(isObject).filter(isDetection);
  if (found.length === 0) return undefined;
  return [
    ...new Set(found.map((member) => fingerprintOf({ owner: owner ?? null, repo: repo ?? null, ...member }))),
  ];
}

/** Other findings of checks are packages and jobs, which have no id. */
function isDetection(member: JsonObject): boolean {
  return text(member.id) !== undefined && text(member.detection) !== undefined;
}
