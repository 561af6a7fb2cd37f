/** A pair of tactic and technique as a mapping names it, e.g. `{ tactic: TA0002, technique: T1059.004 }`. */
export interface AttackRef {
  readonly tactic: string;
  readonly technique?: string | undefined;
}

/** ATT&CK in ECS's words; the arrays of a group run parallel. */
export interface Threat {
  readonly framework: 'MITRE ATT&CK';
  readonly tactic: { readonly id: string[]; readonly name: string[]; readonly reference: string[] };
  readonly technique?: Parallel & { readonly subtechnique?: Parallel };
  /** The most specific ids, for CIM. */
  readonly ids: string[];
}
interface Parallel {
  readonly id: string[];
  readonly name: string[];
  readonly reference: string[];
}

/** Tactics and techniques by their id, as ATT&CK v18.1 calls them (https://attack.mitre.org). */
const NAMES: Record<string, string> = {
  TA0001: 'Initial Access',
  TA0002: 'Execution',
  TA0003: 'Persistence',
  TA0004: 'Privilege Escalation',
  TA0005: 'Defense Evasion',
  TA0006: 'Credential Access',
  TA0009: 'Collection',
  TA0010: 'Exfiltration',
  TA0011: 'Command and Control',
  TA0040: 'Impact',
  T1003: 'OS Credential Dumping',
  'T1003.007': 'Proc Filesystem',
  T1059: 'Command and Scripting Interpreter',
  'T1059.004': 'Unix Shell',
  T1071: 'Application Layer Protocol',
  'T1071.001': 'Web Protocols',
  T1095: 'Non-Application Layer Protocol',
  T1195: 'Supply Chain Compromise',
  'T1195.001': 'Compromise Software Dependencies and Development Tools',
  'T1195.002': 'Compromise Software Supply Chain',
  T1552: 'Unsecured Credentials',
  'T1552.004': 'Private Keys',
  T1562: 'Impair Defenses',
  'T1562.001': 'Disable or Modify Tools',
  T1565: 'Data Manipulation',
  'T1565.001': 'Stored Data Manipulation',
  T1567: 'Exfiltration Over Web Service',
  'T1567.001': 'Exfiltration to Code Repository',
  T1610: 'Deploy Container',
  T1611: 'Escape to Host',
  T1677: 'Poisoned Pipeline Execution',
};

/** The name of a tactic or technique; undefined for one this table does not hold (the mapping lint refuses it). */
export function attackName(id: string): string | undefined {
  return NAMES[id];
}

const BY_LIST = new WeakMap<readonly AttackRef[], Threat>();
const BY_NAME = new Map<string, Threat>();

/** The same references always give the same object, so that its text can be remembered; none give none. */
export function threatOf(refs: readonly AttackRef[]): Threat | undefined {
  if (refs.length === 0) return undefined;
  const seen = BY_LIST.get(refs);
  if (seen !== undefined) return seen;
  const name = refs.map((ref) => `${ref.tactic}/${ref.technique ?? ''}`).join(' ');
  const threat = BY_NAME.get(name) ?? build(refs);
  BY_LIST.set(refs, threat);
  BY_NAME.set(name, threat);
  return threat;
}

function build(refs: readonly AttackRef[]): Threat {
  const tactics = unique(refs.map((ref) => ref.tactic));
  const specific = unique(refs.flatMap((ref) => ref.technique ?? []));
  const parents = unique(specific.map((id) => id.slice(0, 5)));
  const children = specific.filter((id) => id.includes('.'));
  return {
    framework: 'MITRE ATT&CK',
    tactic: parallel(tactics, (id) => `https://attack.mitre.org/tactics/${id}/`),
    ...(parents.length === 0
      ? {}
      : {
          technique: {
            ...parallel(parents, (id) => `https://attack.mitre.org/techniques/${id}/`),
            ...(children.length === 0
              ? {}
              : {
                  subtechnique: parallel(
                    children,
                    (id) => `https://attack.mitre.org/techniques/${id.replace('.', '/')}/`,
                  ),
                }),
          },
        }),
    ids: specific,
  };
}

function parallel(ids: string[], reference: (id: string) => string): Parallel {
  return { id: ids, name: ids.map((id) => NAMES[id] ?? id), reference: ids.map(reference) };
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}
