import type { Context } from '../../../src/contracts/component.ts';
import { DEFAULT_LIMITS, type SourceContext } from '../../../src/contracts/source.ts';
import type { Json, JsonObject, Source, SourceRecord } from '../../../src/contracts/types.ts';
import { api as component } from '../../../src/sources/api/index.ts';
import type { ApiOptions } from '../../../src/sources/api/options.ts';
import { type StepSecurityApi, startApi } from '../../scripted/stepsecurity-api.ts';

export const KEY = ['step', 'test', 'key'].join('_');

/** The checkpoint, the counters and the log of a test, which outlive a single source. */
export interface Bench {
  readonly api: StepSecurityApi;
  readonly parts: Map<string, Buffer>;
  readonly counters: Map<string, number>;
  readonly logged: string[];
  readonly abort: AbortController;
  options(more?: Record<string, unknown>): ApiOptions;
  context(more?: Partial<Context & SourceContext>): Context & SourceContext;
  source(more?: Record<string, unknown>, context?: Partial<Context & SourceContext>): Promise<Source>;
  close(): Promise<void>;
}

export async function startBench(): Promise<Bench> {
  const api = await startApi(KEY);
  const counters = new Map<string, number>();
  const parts = new Map<string, Buffer>();
  const logged: string[] = [];
  const abort = new AbortController();
  const write = (fields: unknown, sentence: string) =>
    void logged.push(`${sentence} ${JSON.stringify(fields)}`);
  const sources: Source[] = [];
  const bench: Bench = {
    api,
    parts,
    counters,
    logged,
    abort,
    options: (more = {}) =>
      component.schema.parse({
        url: api.url,
        api_key: KEY,
        ...(!('customer' in more) && { owners: ['acme'] }),
        kinds: ['Domain-Blocked'],
        policy_evaluations: false,
        threat_intelligence: false,
        max_requests_per_second: 1_000,
        ...more,
      }),
    context: (more = {}) => ({
      log: { debug: write, info: write, warn: write, error: write },
      meter: { add: (name, by = 1) => void counters.set(name, (counters.get(name) ?? 0) + by) },
      retry: { initialMs: 1, maxMs: 5, maxElapsedMs: 60 },
      abort: abort.signal,
      part: async (name) => parts.get(name),
      batch: { maxBytes: 4 * 2 ** 20, maxRecords: 5_000 },
      limits: DEFAULT_LIMITS,
      ...more,
    }),
    async source(more, context) {
      const source = await component.create(bench.options(more), bench.context(context));
      sources.push(source);
      return source;
    },
    async close() {
      for (const source of sources) await source.close?.();
      await api.close();
    },
  };
  return bench;
}

export interface Pass {
  readonly records: SourceRecord[];
  readonly error: unknown;
}

/** One pass: reads to the end, acks the batches that `ack` accepts, and saves the checkpoint as the pipeline would. */
export async function pass(
  bench: Bench,
  source: Source,
  ack: (batch: number) => boolean = () => true,
): Promise<Pass> {
  const records: SourceRecord[] = [];
  let error: unknown;
  let batches = 0;
  let acking = true;
  try {
    for await (const batch of source.read(new AbortController().signal)) {
      records.push(...batch.records);
      // Acks come in order; batches after one that is given up are given up too.
      acking &&= ack(batches);
      batches += 1;
      if (acking) await batch.ack();
    }
  } catch (thrown) {
    error = thrown;
  }
  save(bench, source);
  return { records, error };
}

export function save(bench: Bench, source: Source): void {
  for (const [name, bytes] of source.progress()) {
    if (bytes === null) bench.parts.delete(name);
    else bench.parts.set(name, bytes);
  }
}

/** A row in the list, like the vendor's samples. */
export function row(n: number, more: JsonObject = {}): JsonObject {
  return {
    id: 'Domain-Blocked',
    name: 'Domain Blocked',
    owner: 'acme',
    repo: 'shop',
    workflow_id: 'acme-shop-.github-workflows-ci.yml',
    workflow_path: '.github/workflows/ci.yml',
    run_id: '16450863125',
    job_id: '46495445322',
    endpoint: `host-${n}.example.com.`,
    timestamp: '1753204032',
    detection: `Domain-Blocked-host-${n}.example.com.`,
    owner_repo: 'acme/shop',
    ...more,
  };
}

export function bodies(records: readonly SourceRecord[]): JsonObject[] {
  return records.map(({ text }) => JSON.parse(text) as JsonObject);
}

/** What is stored under our own key. */
export function ours(record: SourceRecord | undefined): Json | undefined {
  return (JSON.parse(record?.text ?? '{}') as JsonObject).stepsecurity_siem;
}
