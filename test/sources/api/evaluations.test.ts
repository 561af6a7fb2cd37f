import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/contracts/types.ts';
import { type Bench, bodies, ours, pass, startBench } from './harness.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(async () => {
  expect(bench.api.violations).toEqual([]);
  await bench.close();
});

/** An evaluation as the OpenAPI file describes it. */
function evaluation(results: readonly JsonObject[], more: JsonObject = {}): JsonObject {
  return {
    owner: 'acme',
    repo_full_name: 'acme/shop',
    repo_workflow: 'repo#acme/shop#workflow#.github/workflows/ci.yml',
    head_branch: 'feature',
    workflow_file_path: '.github/workflows/ci.yml',
    run_id: 16_595_543_716,
    workflow_run_started_at: 1_753_790_675,
    committer: 'kim',
    event: 'workflow_dispatch',
    run_number: 756,
    policy_results: [...results],
    status: 'Blocked',
    ...more,
  };
}

const told = async () => (await pass(bench, await bench.source({ policy_evaluations: true }))).records;

describe('policy evaluations', () => {
  it('become the kinds of the export, with its spelling', async () => {
    bench.api.evaluations.push(
      evaluation([
        { policy: { name: 'allow list' }, action_policy_status: 'Blocked', actions_not_allowed: ['a/b@v1'] },
        { policy: { name: 'labels' }, runs_on_policy_status: 'Blocked', runs_on_labels_not_allowed: ['big'] },
        {
          policy: { name: 'secrets' },
          secrets_policy_status: 'Blocked',
          workflow_contains_secrets: true,
          is_non_default_branch: true,
          current_branch_hash: 'c',
        },
        {
          policy: { name: 'bad' },
          compromised_actions_policy_status: 'Blocked',
          action_policy_status: 'Allowed',
          compromised_actions_detected: ['x/y@v1'],
        },
      ]),
    );
    const records = await told();
    const common = {
      owner: 'acme',
      repo: 'shop',
      owner_repo: 'acme/shop',
      workflow_path: '.github/workflows/ci.yml',
      run_id: '16595543716',
      timestamp: '1753790675',
    };
    const run = { branch: 'feature', event: 'workflow_dispatch', committer: 'kim' };
    const kind = (id: string, name: string, policy: string, fields: JsonObject) => ({
      ...common,
      id,
      name,
      detection: `${id}-16595543716`,
      id_timestamp: `${id}-1753790675`,
      ...fields,
      stepsecurity_siem: { policy: { status: 'Blocked', names: [policy] }, run },
    });
    expect(bodies(records)).toEqual([
      kind('Actions-Policy-Blocked', 'Actions Policy Blocked', 'allow list', {
        actions_not_allowed: ['a/b@v1'],
      }),
      kind('Runs-On-Policy-Blocked', 'Runs-On Policy Blocked', 'labels', {
        runs_on_labels_not_allowed: ['big'],
      }),
      kind('Secrets-Policy-Blocked', 'Secrets Policy Blocked', 'secrets', {
        workflow_contains_secrets: true,
        is_non_default_branch: true,
        current_branch_hash: 'c',
      }),
      kind('Compromised-Actions-Policy-Blocked', 'Compromised Actions Policy Blocked', 'bad', {
        compromised_actions_detected: ['x/y@v1'],
      }),
    ]);
    expect(records[0]?.origin.uri).toBe('/github/acme/actions/run-policy-evaluations?status=Blocked');
    expect(await told()).toEqual([]);
  });

  it('several policies of one kind are one detection for the run, and their dry runs another', async () => {
    const tried = (name: string, label: string) => ({
      policy: { name },
      action_policy_status: 'DryRunBlocked',
      actions_not_allowed: [label, 'b@v1'],
    });
    const real = (name: string, more: JsonObject) => ({
      policy: { name },
      action_policy_status: 'Blocked',
      actions_not_allowed: ['b@v1'],
      ...more,
    });
    const tries = [tried('p', 'a@v1'), tried('r', 'd@v1')];
    bench.api.evaluations.push(evaluation(tries, { status: 'DryRunBlocked' }));
    const rehearsed = {
      detection: 'Actions-Policy-Blocked-DryRunBlocked-16595543716',
      actions_not_allowed: ['a@v1', 'b@v1', 'd@v1'],
      stepsecurity_siem: { policy: { status: 'DryRunBlocked', names: ['p', 'r'] } },
    };
    expect(bodies(await told())).toMatchObject([rehearsed]);
    // The same run, completely evaluated: the dry runs are known, and the block is not lost.
    bench.api.evaluations[0] = evaluation([
      ...tries,
      real('q', { actions_not_pinned: ['c@v1'] }),
      real('s', {}),
    ]);
    expect(bodies(await told())).toMatchObject([
      {
        detection: 'Actions-Policy-Blocked-16595543716',
        actions_not_allowed: ['b@v1'],
        actions_not_pinned: ['c@v1'],
        stepsecurity_siem: { policy: { status: 'Blocked', names: ['q', 's'] } },
      },
    ]);
  });

  it('a dry run says so', async () => {
    const results = [{ runs_on_policy_status: 'DryRunBlocked', runner_labels_not_allowed: ['big'] }];
    bench.api.evaluations.push(
      evaluation(results, { status: 'DryRunBlocked', workflow_name: 'Build and test' }),
    );
    const records = await told();
    expect(ours(records[0])).toMatchObject({
      policy: { status: 'DryRunBlocked', names: [] },
      run: { workflow: 'Build and test' },
    });
    expect(bodies(records)[0]?.runs_on_labels_not_allowed).toEqual(['big']);
  });

  it.each([
    [
      'a policy newer than the four',
      [{ harden_runner_policy_status: 'Blocked' }],
      'Harden-Runner-Policy-Blocked',
    ],
    ['no policy with a block', [{ action_policy_status: 'Allowed' }], 'Workflow-Run-Policy-Blocked'],
    ['no results at all', null, 'Workflow-Run-Policy-Blocked'],
  ])('%s is not lost', async (_, results, id) => {
    bench.api.evaluations.push(evaluation([], { policy_results: results }));
    expect(bodies(await told()).map((body) => body.id)).toEqual([id]);
  });

  it('an Allowed run is ignored; a run that was restarted is reported again', async () => {
    const blocked = [{ action_policy_status: 'Blocked' }];
    bench.api.evaluations.push(evaluation([{ action_policy_status: 'Allowed' }], { status: 'Allowed' }));
    expect(await told()).toEqual([]);
    bench.api.evaluations[0] = evaluation(blocked);
    expect(await told()).toHaveLength(1);
    bench.api.evaluations[0] = evaluation(blocked, { workflow_run_started_at: 1_753_799_999 });
    expect(await told()).toHaveLength(1);
  });

  it('`since` applies to them by the start of the run', async () => {
    bench.api.evaluations.push(
      evaluation([{ action_policy_status: 'Blocked' }], {
        run_id: 1,
        workflow_run_started_at: 1_600_000_000,
      }),
      evaluation([{ action_policy_status: 'Blocked' }], { run_id: 2 }),
    );
    const source = await bench.source({ policy_evaluations: true, since: '2025-01-01T00:00:00+02:00' });
    expect(bodies((await pass(bench, source)).records).map((body) => body.run_id)).toEqual(['2']);
  });

  it('come in pages, and as a bare array', async () => {
    for (let n = 1; n <= 5; n += 1)
      bench.api.evaluations.push(evaluation([{ action_policy_status: 'Blocked' }], { run_id: n }));
    const source = await bench.source({ policy_evaluations: true, page_rows: 2 });
    expect((await pass(bench, source)).records).toHaveLength(5);
    const body = JSON.stringify([evaluation([{ action_policy_status: 'Blocked' }], { run_id: 6 })]);
    bench.api.onRequest = ({ query }) => (query.status === 'Blocked' ? { status: 200, body } : undefined);
    expect(bodies(await told()).map(({ run_id }) => run_id)).toEqual(['6']);
  });
});
