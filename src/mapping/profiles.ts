import type { KindProfile } from '../detections/detection.ts';
import type { Mappings } from './load.ts';
import type { Fields, KindFile } from './schema.ts';

export interface Profiles {
  readonly profile: (kind: string) => KindProfile | undefined;
  readonly unknown: KindProfile;
}

/** What decode needs of each mapping. Profiles are made once: they are compared and remembered by identity. */
export function profilesOf(mappings: Mappings): Profiles {
  const common = readsOf(mappings.common.ecs);
  const byKind = new Map(mappings.kinds.map((file) => [file.detection, profileOf(file, common)]));
  return {
    profile: (kind) => byKind.get(kind),
    unknown: { ...profileOf(mappings.unknown, common), reads: null },
  };
}

function profileOf(file: KindFile, common: readonly string[]): KindProfile {
  return {
    kind: file.detection,
    title: file.title,
    dataset: file.dataset,
    group: file.group,
    eventKind: file.event_kind,
    category: file.category,
    type: file.type,
    blocked: file.blocked,
    severity: file.severity,
    threat: file.threat,
    reads: new Set([...common, ...readsOf(file.ecs)]),
  };
}

/** The payload's own keys that rules name: `$payload.rule_id` reads `rule_id`. */
function readsOf(fields: Fields): string[] {
  return Object.values(fields)
    .flatMap(pathsOf)
    .filter((path) => path.startsWith('payload.'))
    .map((path) => path.split('.')[1] ?? '');
}

/** The paths a rule reads, without `$`. */
function pathsOf(rule: Fields[string]): string[] {
  if (typeof rule === 'string') return rule.startsWith('$') ? [rule.slice(1)] : [];
  if (typeof rule !== 'object' || Array.isArray(rule)) return [];
  return Array.isArray(rule.from) ? rule.from : [rule.from];
}
