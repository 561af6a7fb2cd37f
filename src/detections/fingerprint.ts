import { hash } from 'node:crypto';
import type { Json, JsonObject } from '../contracts/types.ts';
import { boolean } from './scalars.ts';
import { part, type Subject, sixTexts, subjectOf, timePart } from './subject.ts';

const DIGITS = 31;

/**
 * Sixteen bytes that show whether two payloads with one uid are the same detection, as hexadecimal digits that a
 * person can search for in either destination. All but the last are a hash of kind, repository, run, job, detection
 * and time; the last is 1 if the detection was suppressed or resolved when read, else 0. From the unredacted
 * payload.
 */
export function fingerprintOf(payload: JsonObject, subject: Subject = subjectOf(payload)): string {
  const { own, owner, repo } = subject;
  const key = sixTexts(
    own,
    `${owner}/${repo}`,
    asText(part(payload.run_id)),
    asText(part(payload.job_id)),
    asText(part(payload.detection)),
    asText(timePart(payload.timestamp ?? payload.incident_start_time)),
  );
  const quiet = boolean(payload.is_suppressed) === true || boolean(payload.is_resolved) === true;
  return `${hash('sha256', key, 'hex').slice(0, DIGITS)}${quiet ? '1' : '0'}`;
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * Whether the stored document is a different detection from the one exported under its uid, or hides it: stored as
 * suppressed or resolved, but exported as neither. The reverse is normal, since an export may repeat a detection
 * that has been dealt with in the meantime. `flags`: whether these states count at all.
 */
export function differ(stored: string, exported: string, flags: boolean): boolean {
  if (stored.slice(0, DIGITS) !== exported.slice(0, DIGITS)) return true;
  return flags && stored.endsWith('1') && exported.endsWith('0');
}
