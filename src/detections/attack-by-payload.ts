import type { JsonObject } from '../contracts/types.ts';
import type { AttackRef } from './attack.ts';
import type { KindProfile } from './detection.ts';
import type { Endpoint } from './endpoint.ts';
import { text } from './scalars.ts';

const PRIVATE_KEY: readonly AttackRef[] = [{ tactic: 'TA0006', technique: 'T1552.004' }];
const withChannel = adding({ tactic: 'TA0011', technique: 'T1095' });
const withExfiltration = adding({ tactic: 'TA0010', technique: 'T1567.001' });

const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** What one payload shows beyond its kind's default technique. */
const MORE: Record<
  string,
  (payload: JsonObject, endpoint: Endpoint | undefined, normal: readonly AttackRef[]) => readonly AttackRef[]
> = {
  'Reverse-Shell': (_, endpoint, normal) => (endpoint === undefined ? normal : withChannel(normal)),
  'Secret-In-Build-Log': privateKey,
  'Secret-In-Artifact': privateKey,
  'HTTPS-Outbound-Network-Call': (payload, endpoint, normal) =>
    endpoint?.domain === 'api.github.com' && WRITES.has(text(payload.method)?.toUpperCase() ?? '')
      ? withExfiltration(normal)
      : normal,
};

function privateKey(
  payload: JsonObject,
  _: Endpoint | undefined,
  normal: readonly AttackRef[],
): readonly AttackRef[] {
  return payload.rule_id === 'private-key' ? PRIVATE_KEY : normal;
}

/** A technique beside those of a kind; always the same list for the same kind, so that what it makes is remembered. */
function adding(ref: AttackRef): (normal: readonly AttackRef[]) => readonly AttackRef[] {
  const made = new WeakMap<readonly AttackRef[], readonly AttackRef[]>();
  return (normal) => {
    const refs = made.get(normal) ?? [...normal, ref];
    made.set(normal, refs);
    return refs;
  };
}

export function attackOf(
  profile: KindProfile,
  payload: JsonObject,
  endpoint: Endpoint | undefined,
): readonly AttackRef[] {
  return MORE[profile.kind]?.(payload, endpoint, profile.threat) ?? profile.threat;
}
