import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../src/contracts/types.ts';
import { readRunDocument } from '../../src/detections/run-details.ts';
import { createRuns, type Runs, runKey } from '../../src/detections/runs.ts';
import { decodeText, read } from './harness.ts';

/** The vendor's sample. */
const insights = JSON.parse(
  readFileSync(new URL('./inputs/doc-22-insights.json', import.meta.url), 'utf8'),
) as JsonObject;

const shell = {
  id: 'Reverse-Shell',
  owner: 'harden-runner-canary',
  repo: 'rohan-playground',
  run_id: '23231936150',
  job_id: '67527154559',
  job: 'reverse-shell',
  timestamp: '1773814930',
  detection: 'Reverse-Shell-reverse-shell',
};

function detected(payload: JsonObject, ...before: readonly JsonObject[]) {
  const runs = createRuns(1_000);
  for (const document of before) pass(document, runs);
  return read(payload, { runs });
}

function pass(document: JsonObject, runs: Runs): void {
  expect(decodeText(JSON.stringify(document), { runs })).toEqual([{ filtered: 'insights' }]);
}

describe('a detection that comes after the Insights document of its run', () => {
  it('knows who started the run, the workflow, and the machine that ran the job', () => {
    const { run, worker, related } = detected(shell, insights);
    expect(run).toEqual({
      actor: 'rohan-stepsecurity',
      branch: 'main',
      head_sha: '5263910a0e95f40ae3d018352f6871c2e2fae0c3',
      event: 'workflow_dispatch',
      workflow: 'Workflow for POCs',
    });
    expect(worker).toEqual({
      name: 'arc0-6l5vf-runner-hqtwh',
      host: 'arc0-6l5vf-runner-hqtwh',
      cluster: 'rohan-test-v5',
      environment: 'ARC',
      egress_policy: 'audit',
    });
    expect(related).toMatchObject({ hosts: ['arc0-6l5vf-runner-hqtwh'], user: ['rohan-stepsecurity'] });
  });

  it('is the same detection', () => {
    const plain = detected(shell);
    const known = detected(shell, insights);
    expect(plain.run).toBeUndefined();
    expect([known.uid, known.fingerprint]).toEqual([plain.uid, plain.fingerprint]);
  });

  it.each<[string, JsonObject]>([
    ['another run', { run_id: '1' }],
    ['no run', { run_id: '' }],
    ['the same number in another repository', { repo: 'other' }],
    ['another owner', { owner: 'other' }],
  ])('takes nothing from it: %s', (_, over) => {
    const { run, worker } = detected({ ...shell, ...over }, insights);
    expect([run, worker]).toEqual([undefined, undefined]);
  });

  it.each<[string, JsonObject, string | undefined]>([
    [
      'even when the repository is spelled differently',
      { repo: 'Harden-Runner-Canary/Rohan-Playground' },
      'arc0-6l5vf-runner-hqtwh',
    ],
    ['by the name of the job, when the id is not a number', { job_id: 'x' }, 'arc0-6l5vf-runner-hqtwh'],
    ['not by the name, when the id is of no job in it', { job_id: '1' }, undefined],
    ['not from another attempt', { run_attempt: 2 }, undefined],
    ['of its attempt', { run_attempt: '1' }, 'arc0-6l5vf-runner-hqtwh'],
    ['not without a job', { job_id: '', job: '' }, undefined],
  ])('has the machine of its job: %s', (_, over, host) => {
    const { worker, run } = detected({ ...shell, ...over }, insights);
    expect(worker?.host).toBe(host);
    expect(run?.actor).toBe('rohan-stepsecurity');
  });

  it('does not guess between two jobs with the same name', () => {
    const twice = {
      ...insights,
      jobs: [...(insights.jobs as JsonObject[]), { name: 'reverse-shell', runner_name: 'x' }],
    };
    expect(detected({ ...shell, job_id: '' }, twice).worker).toBeUndefined();
  });
});

it('an Insights document that comes later changes nothing', () => {
  const runs = createRuns(1_000);
  const first = read(shell, { runs });
  pass(insights, runs);
  expect([first.worker, first.run]).toEqual([undefined, undefined]);
  expect(read(shell, { runs }).uid).toBe(first.uid);
});

it('keeps no secret from it', () => {
  const token = ['ghp', 'a'.repeat(36)].join('_');
  const { run } = detected(shell, { ...insights, name: `deploy with ${token}` });
  expect(run?.workflow).not.toContain(token);
});

describe('the details of a run', () => {
  const job = (more: JsonObject) => readRunDocument({ jobs: [{ id: 1, ...more }] }).jobs[0]?.worker;

  it('have no host name shared by many machines, and no worker without details', () => {
    expect(job({ runner_name: 'GitHub Actions 12', runner_machine_name: 'GitHub Actions 12' })).toMatchObject(
      {
        name: 'GitHub Actions 12',
        host: undefined,
      },
    );
    expect(job({ runner_name: '', runner_machine_name: 'unknown' })).toBeUndefined();
  });

  it.each([[{}], [{ jobs: 'x' }], [{ jobs: [null, 1, ['x']] }], [{ name: { a: 1 }, run_attempt: 'x' }]])(
    'are read from anything: %j',
    (document) => {
      expect(readRunDocument(document as JsonObject)).toEqual({
        facts: undefined,
        attempt: undefined,
        jobs: [],
      });
    },
  );
});

describe('the memory of runs', () => {
  const document = (id: number, jobs: number) => ({
    id: String(id),
    owner: 'acme',
    repo: 'acme/shop',
    event: 'push',
    jobs: Array.from({ length: jobs }, (_, n) => ({ id: n, runner_name: `r${n}` })),
  });
  const key = (id: number) => runKey('acme', 'shop', String(id)) ?? '';

  it('holds a limited number of runs and drops the oldest', () => {
    const runs = createRuns(1_000);
    for (let id = 0; id < 1_001; id += 1) runs.note(document(id, 1));
    expect([runs.has(key(0)), runs.has(key(1)), runs.has(key(1_000))]).toEqual([false, true, true]);
  });

  it('holds fewer runs when they have very many jobs', () => {
    const runs = createRuns(10);
    for (let id = 0; id < 10; id += 1) runs.note(document(id, 1_000));
    expect(Array.from({ length: 10 }, (_, id) => runs.has(key(id))).filter(Boolean).length).toBeLessThan(2);
  });

  it('remembers that a run is unknown', () => {
    const runs = createRuns(10);
    expect(runs.isEmpty()).toBe(true);
    runs.learn(key(1), undefined);
    expect([runs.has(key(1)), runs.find(key(1))]).toEqual([true, undefined]);
    runs.learn(key(1), document(1, 1));
    expect(runs.find(key(1))?.facts?.event).toBe('push');
  });

  it.each([
    ['no number', runKey('acme', 'shop', '../x')],
    ['no id', runKey('acme', 'shop', undefined)],
    ['no owner', runKey('', 'shop', '1')],
    ['no repository', runKey('acme', '', '1')],
  ])('%s is not a run', (_, none) => expect(none).toBeUndefined());
});
