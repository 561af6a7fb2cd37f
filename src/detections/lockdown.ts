import type { JsonObject } from '../contracts/types.ts';
import type { KindProfile } from './detection.ts';
import { saysLockdown } from './kind.ts';
import { boolean, text } from './scalars.ts';

/** All kinds for which the agent can end a job (from the vendor's page "Detections"). */
const ENDED = new Set(['Privileged-Container', 'Reverse-Shell', 'Runner-Worker-Memory-Read']);

/** Whether lockdown may have stopped it: for an unknown kind, only its payload can tell. */
export function mayBeEnded({ kind, reads }: KindProfile): boolean {
  return ENDED.has(kind) || reads === null;
}

/**
 * Whether lockdown ended the job: according to `is_lockdown`, otherwise to the id or `detection`, where the vendor
 * puts it between kind and job. A job may be called `LOCKDOWN-x`, so it only counts before the job's own name.
 */
export function isLockdown(
  kind: string,
  id: string,
  payload: JsonObject,
  warnings: string[],
): boolean | undefined {
  const own = payload.is_lockdown;
  if (own !== undefined && own !== null && own !== '') return boolean(own, 'is_lockdown', warnings);
  if (payload.id !== kind && saysLockdown(text(payload.id) ?? id)) return true;
  if (!ENDED.has(kind)) return undefined;
  const job = text(payload.job) ?? text(payload.job_name);
  const said = job !== undefined && text(payload.detection)?.startsWith(`${kind}-LOCKDOWN-${job}`) === true;
  return said ? true : undefined;
}
