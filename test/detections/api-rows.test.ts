import { describe, expect, it, test } from '@jest/globals';
import type { JsonObject } from '../../src/contracts/types.ts';
import { evaluationRows } from '../../src/sources/api/policies.ts';
import { detectionOf, MAPPINGS } from '../mapping/samples.ts';

/** A row of the API, which has fewer members than the export and other names or places for some of them. */
const ROW = {
  id: 'New-Outbound-Network-Call',
  name: 'New-Outbound-Network-Call',
  owner: 'acme',
  repo: 'payments',
  run_id: '11045105932',
};
const row = (more: JsonObject = {}) => detectionOf({ ...ROW, stepsecurity_siem: {}, ...more });

describe('the name of a kind', () => {
  it("is the export's, for ids that the API gives", () => {
    expect(row().name).toBe('New Outbound Network Call');
    expect(row({ name: 'New Outbound Network Call' }).name).toBe('New Outbound Network Call');
  });

  it('is the given one, for unknown kinds', () => {
    expect(row({ id: 'Unheard-Of', name: 'Unheard-Of' }).name).toBe('Unheard-Of');
    expect(row({ id: 'Unheard-Of', name: '' }).name).toBe('Unheard Of');
  });

  test.each(MAPPINGS.kinds.filter(({ detection }) => detection.endsWith('-Policy-Blocked')))(
    'is the same for an evaluation: $detection',
    ({ detection, title }) => {
      const statuses = ['action', 'runs_on', 'secrets', 'compromised_actions', 'harden_runner'];
      const result = Object.fromEntries(statuses.map((policy) => [`${policy}_policy_status`, 'Blocked']));
      const rows = [
        ...evaluationRows({ policy_results: [result] }, 'Blocked', 'acme'),
        ...evaluationRows({ policy_results: [] }, 'Blocked', 'acme'),
      ];
      expect(rows.filter(({ body }) => body.id === detection).map(({ body }) => body.name)).toEqual([title]);
    },
  );
});

describe('the link of a row', () => {
  it('is derived from its run, as the vendor does', () => {
    const link = 'https://app.stepsecurity.io/github/acme/payments/actions/runs/11045105932';
    expect(row().link).toBe(link);
    expect(row({ repo: 'acme/payments' }).link).toBe(link);
  });

  it('is the given one if there is one', () => {
    expect(row({ html_url: 'https://app.example/1' }).link).toBe('https://app.example/1');
  });

  it.each<[string, JsonObject]>([
    ['no run', { run_id: '' }],
    ['a run that is not a number', { run_id: '../1' }],
    ['no repository', { repo: '' }],
    ['an owner that is not a path segment', { owner: 'a/../b' }],
  ])('is absent: %s', (_, more) => {
    expect(row(more).link).toBeUndefined();
  });

  it('is not derived for an export, which may come from another forge', () => {
    expect(detectionOf(ROW).link).toBeUndefined();
  });
});

describe('an action at the top level of a row', () => {
  const id = 'Action-Uses-Imposter-Commit';
  const sha = 'd'.repeat(40);
  const action = { action: 'tj-actions/changed-files', tag: 'v35', sha };

  it('is read like the nested one in the export', () => {
    const { imposter, related, unmapped } = row({ id, ...action });
    expect(imposter).toMatchObject({ ...action, reference: 'https://github.com/tj-actions/changed-files' });
    expect(imposter?.timestamp).toBeUndefined();
    expect(related.hash).toEqual([sha]);
    expect(unmapped).toBeUndefined();
  });

  it('yields to the nested one, and is kept when it differs', () => {
    const { imposter, unmapped } = row({ id, ...action, tag: 'v1', imposter_commit: action });
    expect(imposter?.tag).toBe('v35');
    expect(unmapped).toEqual({ tag: 'v1' });
  });

  it('is an ordinary member in other kinds', () => {
    const { imposter, unmapped } = row(action);
    expect(imposter).toBeUndefined();
    expect(unmapped).toEqual(action);
  });
});

test('actions that a policy wants pinned are read as facts', () => {
  const { policy, unmapped } = row({
    id: 'Actions-Policy-Blocked',
    actions_not_pinned: ['a/b@v1', 'c/d@v2'],
  });
  expect(policy).toMatchObject({ actions_not_pinned: ['a/b@v1', 'c/d@v2'], unpinned: 'a/b@v1, c/d@v2' });
  expect(policy?.offenders).toBeUndefined();
  expect(unmapped).toBeUndefined();
});
