import type { JsonObject } from '../contracts/types.ts';
import type { Acting } from './acting.ts';
import type { AttackRef } from './attack.ts';
import { onPlatform } from './attack-by-platform.ts';
import { isContainerClient, isPrivileged } from './container.ts';
import type { KindProfile } from './detection.ts';
import type { Endpoint } from './endpoint.ts';
import type { Platform } from './platform.ts';

const PRIVATE_KEY: readonly AttackRef[] = [{ tactic: 'TA0006', technique: 'T1552.004' }];
const SHELL: AttackRef = { tactic: 'TA0002', technique: 'T1059.004' };
const MEMORY: AttackRef = { tactic: 'TA0006', technique: 'T1003.007' };
const ESCAPE: AttackRef = { tactic: 'TA0004', technique: 'T1611' };
const CHANNEL: AttackRef = { tactic: 'TA0011', technique: 'T1095' };

/** What a payload shows beyond its kind's default technique. */
export interface Shown {
  readonly payload: JsonObject;
  readonly endpoint: Endpoint | undefined;
  readonly exfiltration: AttackRef | undefined;
  readonly platform: Platform | undefined;
  readonly acting: Acting | undefined;
}

const BY_KIND: Record<string, (shown: Shown, normal: readonly AttackRef[]) => readonly AttackRef[]> = {
  'Reverse-Shell': ({ endpoint }, normal) => (endpoint === undefined ? normal : adding(CHANNEL, normal)),
  'Suspicious-Process-Call': whatProcessDid,
  'Suspicious-Process-Events': whatProcessDid,
  'Secret-In-Build-Log': privateKey,
  'Secret-In-Artifact': privateKey,
};

/** These ids do not say what the process did; its arguments may. */
function whatProcessDid({ acting }: Shown, normal: readonly AttackRef[]): readonly AttackRef[] {
  if (acting?.shell === true) return adding(CHANNEL, adding(SHELL, normal));
  const { event, memory } = acting ?? {};
  if (memory !== undefined || READ_MEMORY.test(event?.target?.file ?? '')) return adding(MEMORY, normal);
  const privileged = event !== undefined && isContainerClient(event) && isPrivileged(event);
  return privileged ? adding(ESCAPE, normal) : normal;
}

const READ_MEMORY = /^\/proc\/\d+\/mem$/;

function privateKey({ payload }: Shown, normal: readonly AttackRef[]): readonly AttackRef[] {
  return payload.rule_id === 'private-key' ? PRIVATE_KEY : normal;
}

const ADDED = new WeakMap<AttackRef, WeakMap<readonly AttackRef[], readonly AttackRef[]>>();

/**
 * Adds a technique to those of a kind. Always the same list for the same kind, so that anything derived from it can
 * be cached.
 */
function adding(ref: AttackRef, normal: readonly AttackRef[]): readonly AttackRef[] {
  if (normal.some(({ technique }) => technique === ref.technique)) return normal;
  const made = ADDED.get(ref) ?? new WeakMap<readonly AttackRef[], readonly AttackRef[]>();
  ADDED.set(ref, made);
  const refs = made.get(normal) ?? [...normal, ref];
  made.set(normal, refs);
  return refs;
}

export function attackOf(profile: KindProfile, shown: Shown): readonly AttackRef[] {
  const refs = BY_KIND[profile.kind]?.(shown, profile.threat) ?? profile.threat;
  const more = shown.exfiltration === undefined ? refs : adding(shown.exfiltration, refs);
  return onPlatform(more, shown.platform, shown.acting?.event);
}
