import { attackName } from '../../src/detections/attack-names.ts';
import { PACKAGE } from './names.ts';
import { type RuleSource, rules } from './sources.ts';

type Json = Readonly<Record<string, unknown>>;

const RISK = { low: 21, medium: 47, high: 73, critical: 99 } as const;

/** The rules in the form that the Detection Engine imports; the first one is for every installation. */
export function detectionRules(version: string): Json[] {
  return [...rules.values()]
    .sort((a, b) => Number(b.enabled) - Number(a.enabled))
    .map((source) => ruleOf(source, version));
}

function ruleOf(source: RuleSource, version: string): Json {
  const { rule_id, name, description, type, index, query, note, setup, interval, from, severity } = source;
  return {
    rule_id,
    name,
    description: description.trim(),
    type,
    language: type === 'eql' || type === 'esql' ? type : 'kuery',
    ...(index && { index }),
    query: query.trim(),
    ...(type !== 'esql' && { filters: [] }),
    ...ofType(source),
    interval,
    from,
    to: 'now',
    max_signals: source.max_signals ?? 100,
    severity,
    risk_score: source.risk_score ?? RISK[severity],
    severity_mapping: source.by_event ? severities() : [],
    risk_score_mapping: source.by_event ? [{ field: 'event.risk_score', operator: 'equals', value: '' }] : [],
    ...(source.by_event && { rule_name_override: 'rule.name' }),
    ...timeOf(source),
    ...suppressionOf(source),
    threat: threatOf(source.threat),
    investigation_fields: { field_names: source.fields },
    related_integrations: [{ package: PACKAGE, version: `^${version}` }],
    required_fields: [],
    false_positives: source.false_positives,
    references: ['https://docs.stepsecurity.io/harden-runner/detections'],
    note: note.trim(),
    ...(setup && { setup: `## Setup\n\n${setup.trim()}` }),
    tags: tagsOf(source),
    author: ['stepsecurity-siem'],
    license: 'Apache-2.0',
    exceptions_list: [],
    actions: [],
    // Not `false`: importing over a rule that the operator enabled would disable it.
    ...(source.enabled && { enabled: true }),
    immutable: false,
    version: 1,
  };
}

/** Every value of event.severity: zero, which means that nothing is wrong, maps to Kibana's lowest. */
function severities(): Json[] {
  const numbers: [number, string][] = [
    [0, 'low'],
    ...Object.entries(RISK).map(([word, number]): [number, string] => [number, word]),
  ];
  return numbers.map(([value, severity]) => ({
    field: 'event.severity',
    operator: 'equals',
    value: String(value),
    severity,
  }));
}

function ofType(source: RuleSource): Json {
  const { threshold, new_terms_fields, history_window_start } = source;
  const { threat_index, threat_query, threat_mapping } = source;
  if (threshold) return { threshold };
  if (new_terms_fields) return { new_terms_fields, history_window_start };
  if (threat_index) {
    const path = { threat_indicator_path: 'threat.indicator', threat_language: 'kuery', threat_filters: [] };
    return { threat_index, threat_query, threat_mapping, ...path };
  }
  return {};
}

/** Uses the time of ingestion, so that a late feed misses nothing. A sequence has to use the time of its events. */
function timeOf({ type, by_time }: RuleSource): Json {
  return type === 'eql' || type === 'esql' || by_time ? {} : { timestamp_override: 'event.ingested' };
}

function suppressionOf({ suppress, suppress_for }: RuleSource): Json {
  if (suppress_for) return { alert_suppression: { duration: suppress_for } };
  if (!suppress) return {};
  const { group_by, for: duration } = suppress;
  return { alert_suppression: { group_by, duration, missing_fields_strategy: 'doNotSuppress' } };
}

/** `TA0001 T1195.001` and the like, in the form of the Detection Engine: by tactic, technique, subtechnique. */
function threatOf(ids: readonly string[]): Json[] {
  const tactics = [...new Set(ids.map((id) => id.split(' ')[0] ?? ''))];
  return tactics.map((tactic) => {
    const own = ids.filter((id) => id.startsWith(tactic)).flatMap((id) => id.split(' ').slice(1));
    const techniques = [...new Set(own.map((id) => id.split('.')[0] ?? ''))];
    return {
      framework: 'MITRE ATT&CK',
      tactic: entry(tactic, 'tactics'),
      technique: techniques.map((technique) => ({
        ...entry(technique, 'techniques'),
        subtechnique: own.filter((id) => id.startsWith(`${technique}.`)).map((id) => entry(id, 'techniques')),
      })),
    };
  });
}

function entry(id: string, kind: string): Json {
  const name = attackName(id);
  if (name === undefined) throw new Error(`ATT&CK has no ${id}`);
  return { id, name, reference: `https://attack.mitre.org/${kind}/${id.replace('.', '/')}/` };
}

const RULE_TYPES: Readonly<Record<RuleSource['type'], string>> = {
  query: 'Custom Query (KQL)',
  eql: 'Event Correlation (EQL)',
  esql: 'ESQL',
  threshold: 'Threshold',
  new_terms: 'New Terms',
  threat_match: 'Indicator Match',
};

function tagsOf({ threat, type }: RuleSource): string[] {
  const tactics = [...new Set(threat.map((id) => attackName(id.split(' ')[0] ?? '') ?? ''))];
  return [
    'Domain: SaaS',
    'Platform: GitHub',
    'Service: GitHub Actions',
    'Data Source: StepSecurity',
    'Use Case: Threat Detection',
    ...tactics.map((tactic) => `Tactic: ${tactic}`),
    `Rule Type: ${RULE_TYPES[type]}`,
    'Resources: Investigation Guide',
  ];
}
