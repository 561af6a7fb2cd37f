import { DEFAULT_SCHEMA, type Schema } from '../contracts/schema.ts';
import { CHECK_MEMBERS } from '../detections/check.ts';
import type { KindProfile } from '../detections/detection.ts';
import { readsOf } from '../detections/reads.ts';
import type { KindFile, Mappings } from './files.ts';
import { type Fields, pathsOf } from './language.ts';
import { OUTPUT_SCHEMAS } from './schemas/index.ts';

const PAYLOAD = 'payload.';

export interface Profiles {
  /** By id or alias, ignoring case. */
  readonly profile: (kind: string) => KindProfile | undefined;
  readonly unknown: KindProfile;
}

/**
 * The parts of each mapping that decode needs for documents of a schema. Profiles are created once: they are
 * compared and cached by identity.
 */
export function profilesOf(mappings: Mappings, schema: Schema = DEFAULT_SCHEMA): Profiles {
  const byKind = new Map<string, KindProfile>();
  for (const file of mappings.kinds) {
    const profile = profileOf(mappings, file, schema);
    for (const id of [file.detection, ...file.aliases]) byKind.set(id, profile);
  }
  const byName = new Map([...byKind].map(([id, profile]) => [nameOf(id), profile]));
  return {
    // Nearly always spelled as the vendor spells it.
    profile: (kind) => byKind.get(kind) ?? byName.get(nameOf(kind)),
    unknown: { ...profileOf(mappings, mappings.unknown, schema), reads: null },
  };
}

function nameOf(id: string): string {
  return id.trim().toLowerCase();
}

function profileOf(mappings: Mappings, file: KindFile, schema: Schema): KindProfile {
  return {
    kind: file.detection,
    title: file.title,
    dataset: file.dataset,
    group: file.group,
    eventKind: file.event_kind,
    category: file.category,
    type: file.type,
    action: file.action,
    severity: file.severity,
    threat: file.threat,
    reads: readsOf([
      ...payloadPathsOf(rulesOf(mappings, file, schema)),
      ...(file.dataset === 'pr_check' ? CHECK_MEMBERS : []),
    ]),
  };
}

/** If a schema keeps the payload whole, the default schema decides what is new in it. */
function rulesOf(mappings: Mappings, file: KindFile, schema: Schema): Fields {
  const own = OUTPUT_SCHEMAS[schema].reads(mappings, file);
  return own ?? OUTPUT_SCHEMAS[DEFAULT_SCHEMA].reads(mappings, file) ?? {};
}

/** The payload members that rules read: `$payload.rule_id` reads `rule_id`. */
function payloadPathsOf(fields: Fields): string[] {
  return pathsOf(fields)
    .filter((path) => path.startsWith(PAYLOAD))
    .map((path) => path.slice(PAYLOAD.length));
}
