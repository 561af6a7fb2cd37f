import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { enrichmentSchema } from '../../src/config/enrichment.ts';
import { defaultShaping } from '../../src/config/shaping.ts';
import type { JsonObject, SourceRecord } from '../../src/contracts/types.ts';
import { compileFilters } from '../../src/detections/filters.ts';
import { processBatch } from '../../src/pipeline/batch.ts';
import { createBugs } from '../../src/pipeline/bugs.ts';
import { createLookUps } from '../../src/pipeline/look-ups.ts';
import { type Transform, transformOf } from '../../src/session/transform.ts';
import { connect } from '../../src/stepsecurity/connect.ts';
import { askRun } from '../../src/stepsecurity/run.ts';
import { type StepSecurityApi, startApi } from '../scripted/stepsecurity-api.ts';
import { batchOf, DELIVERED, never, quiet, record, sinkOf } from './harness.ts';

const KEY = ['step', 'test', 'key'].join('_');
const retry = { initialMs: 1, maxMs: 5, maxElapsedMs: 30 };

const ENRICHMENT = { ...enrichmentSchema.parse({}), cache_runs: 2 };

let api: StepSecurityApi;
const counters = new Map<string, number>();
const closing: (() => void)[] = [];
beforeEach(async () => {
  api = await startApi(KEY);
  counters.clear();
});
afterEach(async () => {
  expect(api.violations).toEqual([]);
  for (const close of closing.splice(0)) close();
  await api.close();
});

const meter = { add: (name: string, by = 1) => void counters.set(name, (counters.get(name) ?? 0) + by) };

/** A run's document, as the vendor returns it. */
function document(id: string): JsonObject {
  return {
    id,
    owner: 'acme',
    repo: 'acme/shop',
    name: 'Release',
    workflow_run_actor_login: 'kim',
    jobs: [{ id: 7, name: 'build', runner_name: `runner-${id}`, runner_machine_name: `runner-${id}` }],
  };
}

function payload(n: number, more: JsonObject = {}): JsonObject {
  return {
    id: 'Reverse-Shell',
    event_id: `e${n}`,
    owner: 'acme',
    repo: 'shop',
    run_id: '1',
    job_id: '7',
    timestamp: '1753203994',
    detection: `Reverse-Shell-${n}`,
    ...more,
  };
}

const textOf = (value: JsonObject): SourceRecord => record({ text: JSON.stringify(value) });

interface Setting {
  readonly transform: Transform;
  readonly lookUp: ReturnType<typeof createLookUps>;
}

function setting(
  over: Partial<Transform> = {},
  options: { concurrency?: number; batch_timeout?: number } = {},
): Setting {
  const { client, close } = connect(
    { url: api.url, api_key: KEY, max_requests_per_second: 1_000, request_timeout: 5_000 },
    { log: quiet, meter },
  );
  closing.push(close);
  const transform = { ...transformOf(defaultShaping(), { schema: 'ecs' }), ...over };
  const lookUp = createLookUps({
    ask: (run, signal) => askRun(client, run, { signal, retry }),
    transform,
    options: { concurrency: 4, batch_timeout: 2_000, ...options },
    context: { log: quiet, meter },
  });
  return { transform, lookUp };
}

/** What reaches the sink. */
async function delivered(records: readonly SourceRecord[], { transform, lookUp }: Setting, signal = never) {
  const documents: JsonObject[] = [];
  const sink = sinkOf(async (all) => {
    for (const { json } of all) documents.push(JSON.parse(json.toString()) as JsonObject);
    return all.map(() => DELIVERED);
  });
  await processBatch(batchOf(records), { ...transform, lookUp, sink, bugs: createBugs(quiet) }, signal);
  return documents;
}

describe('look-ups', () => {
  it('give each detection its host, worker, user and workflow, with one request per run', async () => {
    api.runs.set('acme/shop/1', document('1'));
    const records = Array.from({ length: 20 }, (_, n) => textOf(payload(n)));
    const documents = await delivered(records, setting());
    expect(documents).toHaveLength(20);
    for (const one of documents)
      expect(one).toMatchObject({
        host: { name: 'runner-1' },
        user: { name: 'kim' },
        cicd: { worker: { name: 'runner-1' }, pipeline: { name: 'Release' } },
        related: { hosts: ['runner-1'], user: ['kim'] },
      });
    expect(counters.get('enrichment_requests')).toBe(1);
  });

  it('are remembered from batch to batch, including runs that do not exist', async () => {
    api.runs.set('acme/shop/1', { data: document('1') });
    const one = setting();
    for (const run_id of ['1', '404', '1', '404'])
      expect(await delivered([textOf(payload(1, { run_id }))], one)).toHaveLength(1);
    expect(counters.get('enrichment_requests')).toBe(2);
    expect(counters.get('enrichment_failed')).toBeUndefined();
  });

  it('by batches in flight together are made once', async () => {
    api.runs.set('acme/shop/1', document('1'));
    const one = setting();
    await Promise.all([1, 2, 3].map((n) => delivered([textOf(payload(n))], one)));
    expect(counters.get('enrichment_requests')).toBe(1);
  });

  it('are not made for what an Insights document said, a filter excludes, or has no run', async () => {
    const filter = compileFilters([{ name: 'no-b', exclude: { repositories: ['acme/b'] } }]);
    const records = [
      textOf(document('1')),
      textOf(payload(1)),
      textOf(payload(2, { repo: 'b', run_id: '2' })),
      textOf(payload(3, { run_id: '../../x' })),
      textOf(payload(4, { owner: '' })),
      record({ text: 'no JSON' }),
    ];
    const documents = await delivered(records, setting({ filter }));
    expect(documents.map((one) => (one.host as JsonObject | undefined)?.name)).toEqual([
      'runner-1',
      undefined,
      undefined,
    ]);
    expect(api.requests).toEqual([]);
  });

  it('are limited to what can be remembered', async () => {
    for (const id of ['1', '2', '3']) api.runs.set(`acme/shop/${id}`, document(id));
    const transform = transformOf({ ...defaultShaping(), enrichment: ENRICHMENT }, { schema: 'ecs' });
    const records = ['1', '2', '3'].map((run_id, n) => textOf(payload(n, { run_id })));
    const documents = await delivered(records, setting(transform));
    expect(documents.map((one) => (one.host as JsonObject | undefined)?.name)).toEqual([
      'runner-1',
      'runner-2',
      undefined,
    ]);
    expect(counters.get('enrichment_requests')).toBe(2);
  });

  it('are made for each member of a group', async () => {
    for (const id of ['1', '2']) api.runs.set(`acme/shop/${id}`, document(id));
    const data = [payload(1), payload(2, { run_id: '2' })];
    const documents = await delivered([textOf({ id: 'group', owner: 'acme', data })], setting());
    expect(documents.map((one) => (one.host as JsonObject).name)).toEqual(['runner-1', 'runner-2']);
  });
});

describe('a detection is never held back', () => {
  it.each<[string, { readonly status: number; readonly body?: string }]>([
    ['an outage', { status: 503 }],
    ['a refusal', { status: 403 }],
    ['by a key without permission', { status: 401 }],
    ['HTML', { status: 200, body: '<html>' }],
    ['by a document without the expected members', { status: 200, body: '{}' }],
  ])('%s', async (_, fault) => {
    api.onRequest = () => fault;
    const records = Array.from({ length: 60 }, (_, n) => textOf(payload(n, { run_id: String(n) })));
    expect(await delivered(records, setting({}, { concurrency: 2 }))).toHaveLength(60);
    const { length } = api.requests;
    expect(length).toBeGreaterThan(0);
    if (fault.body === '{}') return;
    // After ten failures the API is not asked again.
    expect(counters.get('enrichment_failed')).toBeLessThan(13);
    expect(counters.get('enrichment_requests')).toBeLessThan(13);
    expect(counters.get('enrichment_skipped')).toBeGreaterThan(40);
  });

  it('by an API that is slow: a batch waits for a limited time', async () => {
    const slow = createLookUps({
      ask: (_, signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
      transform: transformOf(defaultShaping(), { schema: 'ecs' }),
      options: { concurrency: 2, batch_timeout: 50 },
      context: { log: quiet, meter },
    });
    const records = Array.from({ length: 6 }, (_, n) => textOf(payload(n, { run_id: String(n) })));
    expect(await delivered(records, { ...setting(), lookUp: slow })).toHaveLength(6);
    expect(counters.get('enrichment_skipped')).toBe(6);
    expect(counters.get('enrichment_failed')).toBeUndefined();
  });

  it('but a run that is told to stop stops', async () => {
    const abort = new AbortController();
    api.onRequest = () => {
      abort.abort(new Error('told to stop'));
      return undefined;
    };
    await expect(delivered([textOf(payload(1))], setting(), abort.signal)).rejects.toThrow('told to stop');
  });
});
