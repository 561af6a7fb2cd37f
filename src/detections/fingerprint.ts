import { hash } from 'node:crypto';
import type { Json, JsonObject } from '../contracts/types.ts';
import { boolean } from './scalars.ts';
import { part, type Subject, sixTexts, subjectOf, timePart } from './subject.ts';

const DIGITS = 31;

/**
 * Sixteen bytes that show whether two payloads with one uid are the same detection, as hexadecimal digits, which a person
 * can search for in either destination. All but the last are a hash of kind, repository, run, job, detection and time; the
 * last is 1 where it was suppressed or resolved when it was read, else 0. From the unredacted payload.
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
 * Whether what is stored is another detection than what was exported under its uid, or hides it: stored as suppressed or
 * resolved, and exported as neither. The other way round is the course of things, since an export may repeat a detection
 * after somebody has seen to it. `flags`: whether those count at all.
 */
export function differ(stored: string, exported: string, flags: boolean): boolean {
  if (stored.slice(0, DIGITS) !== exported.slice(0, DIGITS)) return true;
  return flags && stored.endsWith('1') && exported.endsWith('0');
}
