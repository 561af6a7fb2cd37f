import { expect, it, test } from '@jest/globals';
import { compileFilters } from '../../src/detections/filters.ts';
import { documentsOf } from '../mapping/documents.ts';
import { detectionOf, readSamples } from '../mapping/samples.ts';

const findings = readSamples()
  .flatMap(({ detections }) => detections)
  .filter(({ change }) => change === undefined);

const changed = (payload: object, to: string): ReturnType<typeof detectionOf> =>
  detectionOf({ ...payload, stepsecurity_siem: { change: { from: 'new', to, counter: 1 } } });

/** Facts that would look like another attack at the time of the change. */
const SEEN = [
  'destination',
  'network',
  'dns',
  'http',
  'url',
  'process',
  'container',
  'file',
  'package',
  'threat',
];

test.each([...new Set(findings.map(({ id }) => id))])('a change to %s is not a second finding', (kind) => {
  for (const { payload } of findings.filter(({ id }) => id === kind)) {
    const change = changed(payload, 'suppressed');
    const [ecs = {}] = documentsOf(change);
    expect(Object.keys(ecs).filter((name) => SEEN.includes(name))).toEqual([]);
    expect(ecs).toMatchObject({
      '@timestamp': '2025-08-01T00:00:00.000Z',
      event: { kind: 'event', category: ['configuration'], type: ['change'], severity: 21, risk_score: 21 },
    });
    expect(ecs.event).not.toHaveProperty('outcome');
    expect(change.time_is_receipt).toBe(true);
    const [cim = {}] = documentsOf(change, { schema: 'cim' });
    for (const field of ['action', 'dest', 'category', 'mitre_technique_id', 'cim_model'])
      expect(cim).not.toHaveProperty(field);
    expect(cim).toMatchObject({
      event_time: 1_754_006_400,
      severity: 'low',
      signature: 'Detection Suppressed',
    });
  }
});

it('names the user who changed it, not the one who started the run', () => {
  const payload = { id: 'Reverse-Shell', owner: 'acme', repo: 'web', resolved_by: 'bob' };
  const change = { from: 'new', to: 'resolved', counter: 1 };
  const run = { actor: 'octocat', branch: 'main' };
  const [ecs = {}] = documentsOf(detectionOf({ ...payload, stepsecurity_siem: { change, run } }));
  expect(ecs).toMatchObject({ user: { name: 'bob' }, related: { user: ['bob'] } });
  const reopened = { from: 'resolved', to: 'new', counter: 2 };
  const [again = {}] = documentsOf(detectionOf({ ...payload, stepsecurity_siem: { change: reopened, run } }));
  expect(again).not.toHaveProperty('user');
});

it('passes a filter by the severity of the changed detection', () => {
  const severe = compileFilters([{ name: 'severe', include: { min_severity: 'critical' } }]);
  expect(severe(changed({ id: 'Reverse-Shell' }, 'resolved'))).toBeUndefined();
  expect(severe(changed({ id: 'Domain-Blocked' }, 'resolved'))).toBe('severe');
});
