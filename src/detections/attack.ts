import { attackName } from './attack-names.ts';

/** A pair of tactic and technique as a mapping names it, e.g. `{ tactic: TA0002, technique: T1059.004 }`. */
export interface AttackRef {
  readonly tactic: string;
  readonly technique?: string | undefined;
}

/** ATT&CK in ECS's terms; the arrays of a group are parallel. */
export interface Threat {
  readonly tactic: Parallel;
  readonly technique?: Parallel & { readonly subtechnique?: Parallel };
  /** The most specific ids, for CIM. */
  readonly ids: string[];
}
interface Parallel {
  readonly id: string[];
  readonly name: string[];
}

const BY_LIST = new WeakMap<readonly AttackRef[], Threat>();
const BY_NAME = new Map<string, Threat>();

/** The same references always give the same object, so that its text can be cached; no references give undefined. */
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
    tactic: parallel(tactics),
    ...(parents.length > 0 && {
      technique: {
        ...parallel(parents),
        ...(children.length > 0 && { subtechnique: parallel(children) }),
      },
    }),
    ids: specific,
  };
}

function parallel(ids: string[]): Parallel {
  return { id: ids, name: ids.map((id) => attackName(id) ?? id) };
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}
