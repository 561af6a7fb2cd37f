import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError, UnavailableError } from '../../../src/contracts/errors.ts';
import { itInFull } from '../../full.ts';
import type { ApiFault } from '../../scripted/stepsecurity-api.ts';
import { type Bench, KEY, pass, row, startBench } from './harness.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

/** The fault occurs `times` times, for requests that `when` selects. */
function script(
  fault: ApiFault,
  times = 1,
  when: (query: Record<string, string>, path: string) => boolean = () => true,
) {
  let left = times;
  bench.api.onRequest = ({ query, path }) => {
    if (left === 0 || !when(query, path)) return undefined;
    left -= 1;
    return fault;
  };
}

const html: ApiFault = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<html>Sign in</html>',
};
const passing: [string, ApiFault][] = [
  ['429 with Retry-After', { status: 429, headers: { 'retry-after': '0' } }],
  ['503 with a date', { status: 503, headers: { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' } }],
  ['500', { status: 500 }],
  ['408', { status: 408 }],
  ['a reset', 'reset'],
  ['a body shorter than its length', 'truncated'],
  ['a chunked body without its end', 'truncated_chunked'],
  ['JSON broken off', { status: 200, body: '{"data":{"detections":[{"id"' }],
  ['HTML instead of JSON', html],
  ['JSON of another shape', { status: 200, body: '{"message":"ok"}' }],
  ['data without its list', { status: 200, body: '{"data":{"has_more":false}}' }],
  ['damaged gzip', 'bad_gzip'],
];

describe('passing faults are waited out', () => {
  it.each(passing)('%s once', async (_, fault) => {
    bench.api.put(row(1));
    script(fault);
    // It is retried, however slow this machine is.
    const patient = { retry: { initialMs: 1, maxMs: 5, maxElapsedMs: 60_000 } };
    const { records, error } = await pass(bench, await bench.source({}, patient));
    expect(error).toBeUndefined();
    expect(records).toHaveLength(1);
    expect(bench.counters.get('retries')).toBe(1);
  });

  it.each(passing)('%s forever is exit 4 and names the list', async (_, fault) => {
    script(fault, Number.POSITIVE_INFINITY);
    const { error } = await pass(bench, await bench.source());
    expect(error).toBeInstanceOf(UnavailableError);
    expect((error as Error).message).toContain('acme Domain-Blocked (new)');
    expect(bench.api.requests.length).toBeLessThan(500);
  });
});

describe('lists without an end', () => {
  it('a token that does not advance', async () => {
    for (let n = 0; n < 5; n += 1) bench.api.put(row(n));
    script(
      'stuck_token',
      Number.POSITIVE_INFINITY,
      (query) => query.status === 'new' && query.next_token !== undefined,
    );
    const { records, error } = await pass(bench, await bench.source({ page_rows: 2 }));
    expect((error as Error).message).toContain('does not advance');
    expect(error).toBeInstanceOf(UnavailableError);
    expect(records).toHaveLength(4);
    expect(bench.api.requests.length).toBeLessThan(20);
  });

  it('a page that repeats under new tokens', async () => {
    bench.api.put(row(1));
    script('first_page', Number.POSITIVE_INFINITY, (query) => query.status === 'new');
    const { records, error } = await pass(bench, await bench.source());
    expect((error as Error).message).toContain('repeats its pages');
    expect(records).toHaveLength(1);
    expect(bench.api.requests.length).toBeLessThan(30);
  });

  itInFull('empty pages with new tokens', async () => {
    let n = 0;
    bench.api.onRequest = ({ query }) => {
      if (query.status !== 'new') return undefined;
      n += 1;
      return { status: 200, body: `{"data":{"detections":null,"has_more":true,"next_token":"t${n}"}}` };
    };
    const { error } = await pass(bench, await bench.source());
    expect((error as Error).message).toContain('only empty pages');
    expect(bench.api.requests.length).toBeLessThan(1_010);
  });

  it('more pages, without a token', async () => {
    script(
      { status: 200, body: '{"data":{"detections":[],"has_more":true}}' },
      99,
      (query) => query.status === 'new',
    );
    const { error } = await pass(bench, await bench.source());
    expect((error as Error).message).toContain('gives no token');
  });

  it('starts again when a token is refused on the way', async () => {
    for (let n = 0; n < 9; n += 1) bench.api.put(row(n));
    let once = true;
    bench.api.onRequest = ({ query }) => {
      if (once && query.next_token !== undefined) bench.api.expireTokens();
      if (query.next_token !== undefined) once = false;
    };
    const { records, error } = await pass(bench, await bench.source({ page_rows: 2 }));
    expect(error).toBeUndefined();
    expect(new Set(records.map(({ text }) => text)).size).toBe(9);
    expect(records).toHaveLength(9);
  });
});

describe('a failing list does not lose the others', () => {
  it('a kind that stays broken', async () => {
    bench.api.put(row(1));
    bench.api.put(row(2, { id: 'Reverse-Shell', detection: 'Reverse-Shell-x' }));
    script({ status: 500 }, Number.POSITIVE_INFINITY, (query) => query.detection_id === 'Domain-Blocked');
    for (const concurrency of [1, 4]) {
      const source = await bench.source({ kinds: ['Domain-Blocked', 'Reverse-Shell'], concurrency });
      const { records, error } = await pass(bench, source, () => false);
      expect(records).toHaveLength(1);
      expect(error).toBeInstanceOf(UnavailableError);
      expect((error as Error).message).toContain('acme Domain-Blocked (new)');
      expect((error as Error).message).not.toContain('Reverse-Shell');
    }
  });

  it('a kind that the API does not know', async () => {
    bench.api.put(row(1));
    script({ status: 400 }, Number.POSITIVE_INFINITY, (query) => query.detection_id === 'No-Such');
    const { records, error } = await pass(
      bench,
      await bench.source({ kinds: ['No-Such', 'Domain-Blocked'] }),
    );
    expect(records).toHaveLength(1);
    expect((error as Error).message).toContain('No-Such (new): status 400');
    expect(bench.counters.get('retries')).toBeUndefined();
  });

  it('a kind that only the vendor’s client knows is not a failure if the API does not know it', async () => {
    bench.api.put(row(1));
    script({ status: 400 }, Number.POSITIVE_INFINITY, (query) => query.detection_id === 'Agent-Tampered');
    const { records, error } = await pass(
      bench,
      await bench.source({ kinds: ['Agent-Tampered', 'Domain-Blocked'] }),
    );
    expect(records).toHaveLength(1);
    expect(error).toBeUndefined();
  });

  it('an owner that is refused is named once', async () => {
    bench.api.put(row(1));
    bench.api.forbidden.add('other');
    const options = {
      owners: ['other', 'acme'],
      kinds: ['Domain-Blocked', 'Reverse-Shell', 'Secret-In-Artifact'],
    };
    const { records, error } = await pass(bench, await bench.source(options));
    expect(records).toHaveLength(1);
    expect(error).toBeInstanceOf(UnavailableError);
    expect((error as Error).message.match(/other/g)).toHaveLength(1);
    expect(bench.counters.get('lists_failed')).toBe(1);
  });

  it('policy evaluations that are refused', async () => {
    bench.api.put(row(1));
    script({ status: 403 }, Number.POSITIVE_INFINITY, (_, path) => path.endsWith('run-policy-evaluations'));
    const { records, error } = await pass(bench, await bench.source({ policy_evaluations: true }));
    expect(records).toHaveLength(1);
    expect((error as Error).message).toContain('run-policy-evaluations: status 403');
  });

  it('an outage of everything ends early', async () => {
    script({ status: 503 }, Number.POSITIVE_INFINITY);
    const kinds = Array.from({ length: 60 }, (_, n) => `Kind-${n}`);
    const { error } = await pass(bench, await bench.source({ kinds, concurrency: 1 }));
    expect(error).toBeInstanceOf(UnavailableError);
    expect((error as Error).message).toContain('is unavailable');
    // Five kinds failed, so the others are not requested at all.
    expect(new Set(bench.api.requests.map(({ query }) => query.detection_id)).size).toBe(5);
  });
});

describe('keys', () => {
  it('a wrong key stops immediately, exit 2', async () => {
    bench.api.keys.clear();
    const { error } = await pass(bench, await bench.source({ concurrency: 1 }));
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).not.toContain(KEY);
    expect(bench.api.requests).toHaveLength(1);
  });

  it('a key without access is exit 2', async () => {
    bench.api.forbidden.add('acme');
    const { error } = await pass(bench, await bench.source({ policy_evaluations: true }));
    expect(error).toBeInstanceOf(ConfigError);
  });

  it('a key that is rotated in its file during a sweep is picked up', async () => {
    for (let n = 0; n < 6; n += 1) bench.api.put(row(n));
    const folder = await mkdtemp(join(tmpdir(), 'api-key-'));
    const file = join(folder, 'key');
    await writeFile(file, `${KEY}\n`);
    const source = await bench.source({ api_key: undefined, api_key_file: file, page_rows: 2 });
    const next = `${KEY}-2`;
    let rotated = false;
    const { writeFileSync } = await import('node:fs');
    bench.api.onRequest = () => {
      if (rotated || bench.api.requests.length < 3) return;
      rotated = true;
      bench.api.keys.clear();
      bench.api.keys.add(next);
      writeFileSync(file, `Bearer ${next}`);
    };
    const { records, error } = await pass(bench, source);
    expect(error).toBeUndefined();
    expect(records).toHaveLength(6);
    await rm(folder, { recursive: true });
    expect(bench.api.requests.at(-1)?.authorization).toBe(`Bearer ${next}`);
  });

  it('a redirect is not followed, since the key would go with it', async () => {
    script({ status: 302, headers: { location: 'http://127.0.0.1:1/' } }, Number.POSITIVE_INFINITY);
    const { error } = await pass(bench, await bench.source());
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toContain('redirect');
  });
});

describe('stopping', () => {
  it('ends normally and soon, in the middle of a request', async () => {
    const source = await bench.source();
    const stop = new AbortController();
    bench.api.onRequest = () => stop.abort();
    for await (const batch of source.read(stop.signal)) expect(batch).toBeUndefined();
    expect(bench.api.requests).toHaveLength(1);
    expect(source.progress().size).toBe(0);
  });

  it('throws the reason for an abort', async () => {
    const source = await bench.source();
    bench.api.onRequest = () => bench.abort.abort(new Error('lease lost'));
    const { error } = await pass(bench, source);
    expect((error as Error).message).toBe('lease lost');
  });

  it('leaving early does not wait for requests in flight', async () => {
    for (let n = 0; n < 4; n += 1) bench.api.put(row(n));
    const source = await bench.source({ page_rows: 1 }, { batch: { maxBytes: 9_999_999, maxRecords: 1 } });
    let batches = 0;
    for await (const batch of source.read(new AbortController().signal)) {
      batches += batch.records.length;
      break;
    }
    expect(batches).toBe(1);
    expect((await pass(bench, source)).records).toHaveLength(4);
  });
});
