import { expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { METRICS, prometheusName } from '../../src/observe/table.ts';
import { read } from '../markdown.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
}
interface Rules {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
}

const rules = parse(read('deploy/prometheus/rules.yaml')) as Rules;
const alarms = rules.groups.flatMap(({ rules }) => rules);

it('the Prometheus operator gets the same rules as Prometheus', () => {
  const { spec } = parse(read('deploy/prometheus/prometheusrule.yaml')) as { spec: Rules };
  expect(spec).toEqual(rules);
});

it('every alert is in the table with its severity, and has a test that makes it fire', () => {
  const page = read('deploy/prometheus/README.md');
  const table = [...page.matchAll(/^\| `(StepSecuritySiem\w+)` \|.*\| (\w+) \|$/gm)];
  expect(table.map(([, alert, severity]) => [alert, severity])).toEqual(
    alarms.map(({ alert, labels }) => [alert, labels.severity]),
  );
  const { tests } = parse(read('deploy/prometheus/rules.test.yaml')) as {
    tests: { alert_rule_test: { alertname: string; exp_alerts?: unknown[] }[] }[];
  };
  const all = tests.flatMap((one) => one.alert_rule_test);
  for (const { alert } of alarms) {
    const of = all.filter(({ alertname }) => alertname === alert);
    expect([
      alert,
      of.some(({ exp_alerts }) => exp_alerts),
      of.some(({ exp_alerts }) => !exp_alerts),
    ]).toEqual([alert, true, true]);
  }
});

it.each(['rules.yaml', 'rules.test.yaml', 'dashboard.json'])(
  '%s uses only metrics and labels that exist',
  (file) => {
    const names = new Map(Object.values(METRICS).map((one) => [prometheusName(one), one]));
    const used = [...read(`deploy/prometheus/${file}`).matchAll(/stepsecurity_siem_\w+/g)].map(
      ([name]) => name,
    );
    expect(used.length).toBeGreaterThan(5);
    const unknown = used.filter((name) => !names.has(name.replace(/_bucket$/, '')));
    expect(unknown).toEqual([]);
    const grouped = [...read(`deploy/prometheus/${file}`).matchAll(/sum by \(([^)]*)\) \(\w+\((\w+)\{/g)];
    for (const [, labels = '', name = ''] of grouped) {
      // Source and sink are on every metric.
      const known = ['source', 'sink', 'le', ...(names.get(name.replace(/_bucket$/, ''))?.labels ?? [])];
      expect(known).toEqual(expect.arrayContaining(labels.split(', ')));
    }
  },
);
