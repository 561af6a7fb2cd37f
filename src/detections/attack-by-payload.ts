import type { JsonObject } from '../types.ts';
import type { AttackRef } from './attack.ts';
import type { KindProfile } from './detection.ts';
import type { Endpoint } from './endpoint.ts';
import { text } from './scalars.ts';

const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** What one payload shows beyond its kind's default technique (reference: field-models §4). */
const MORE: Record<
  string,
  (payload: JsonObject, endpoint: Endpoint | undefined, normal: readonly AttackRef[]) => readonly AttackRef[]
> = {
  'Reverse-Shell': (_, endpoint, normal) =>
    endpoint === undefined ? normal : [...normal, { tactic: 'TA0011', technique: 'T1095' }],
  'Secret-In-Build-Log': privateKey,
  'Secret-In-Artifact': privateKey,
  'HTTPS-Outbound-Network-Call': (payload, endpoint, normal) =>
    endpoint?.domain === 'api.github.com' && WRITES.has(text(payload.method)?.toUpperCase() ?? '')
      ? [...normal, { tactic: 'TA0010', technique: 'T1567.001' }]
      : normal,
};

function privateKey(
  payload: JsonObject,
  _: Endpoint | undefined,
  normal: readonly AttackRef[],
): readonly AttackRef[] {
  return payload.rule_id === 'private-key' ? [{ tactic: 'TA0006', technique: 'T1552.004' }] : normal;
}

export function attackOf(
  profile: KindProfile,
  payload: JsonObject,
  endpoint: Endpoint | undefined,
): readonly AttackRef[] {
  return MORE[profile.kind]?.(payload, endpoint, profile.threat) ?? profile.threat;
}
