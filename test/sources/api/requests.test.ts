import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError, UnavailableError } from '../../../src/contracts/errors.ts';
import type { Finding } from '../../../src/contracts/types.ts';
import { api as component } from '../../../src/sources/api/index.ts';
import { API_KINDS } from '../../../src/sources/api/kinds.ts';
import { STATUSES } from '../../scripted/stepsecurity-api.ts';
import { type Bench, bodies, KEY, pass, row, startBench } from './harness.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(async () => {
  expect(bench.api.violations).toEqual([]);
  await bench.close();
});

/** The documented contract: every request of a sweep, as `path?query`. */
const asked = () =>
  bench.api.requests.map(({ path, query }) => `${path}?${new URLSearchParams(query).toString()}`).sort();

describe('requests', () => {
  it('one organization: every type and status, the evaluations and the incidents; nothing else', async () => {
    const everything = { kinds: undefined, policy_evaluations: true, threat_intelligence: true };
    const { error } = await pass(bench, await bench.source(everything));
    expect(error).toBeUndefined();
    expect(asked()).toEqual(
      [
        ...[...API_KINDS, 'Agent-Tampered'].flatMap((kind) =>
          STATUSES.map(
            (s) => `/v1/github/acme/actions/detections?detection_id=${kind}&status=${s}&limit=200`,
          ),
        ),
        '/v1/github/acme/actions/run-policy-evaluations?status=Blocked&limit=200',
        '/v1/github/acme/actions/run-policy-evaluations?status=DryRunBlocked&limit=200',
        '/v1/github/acme/threat-intel/incidents?',
      ].sort(),
    );
    expect(asked()).toHaveLength(51);
    expect(new Set(bench.api.requests.map(({ authorization }) => authorization))).toEqual(
      new Set([`Bearer ${KEY}`]),
    );
    expect(bench.counters.get('api_requests')).toBe(51);
  });

  it('a tenant: detections through the tenant-wide path only, evaluations by organization', async () => {
    bench.api.customers.set('acme-inc', ['acme', 'other::ghes::acme']);
    bench.api.put(row(1));
    bench.api.put(row(1, { owner: 'other::ghes::acme' }));
    bench.api.put(row(1, { owner: 'stranger' }));
    const source = await bench.source({ customer: 'acme-inc', policy_evaluations: true, statuses: ['new'] });
    const { records } = await pass(bench, source);
    expect(bodies(records).map(({ owner }) => owner)).toEqual(['acme', 'other::ghes::acme']);
    expect(asked()).toEqual([
      '/v1/acme-inc/github/organizations?',
      '/v1/github/acme/actions/run-policy-evaluations?status=Blocked&limit=200',
      '/v1/github/acme/actions/run-policy-evaluations?status=DryRunBlocked&limit=200',
      '/v1/github/customers/acme-inc/actions/detections?detection_id=Domain-Blocked&status=new&limit=200',
      '/v1/github/other%3A%3Aghes%3A%3Aacme/actions/run-policy-evaluations?status=Blocked&limit=200',
      '/v1/github/other%3A%3Aghes%3A%3Aacme/actions/run-policy-evaluations?status=DryRunBlocked&limit=200',
    ]);
  });

  it('a tenant without the tenant-wide path remembers the same rows', async () => {
    bench.api.customers.set('acme-inc', ['acme']);
    bench.api.put(row(1));
    await pass(bench, await bench.source({ customer: 'acme-inc' }));
    bench.api.requests.length = 0;
    const source = await bench.source({ customer: 'acme-inc', tenant_wide: false, statuses: ['new'] });
    expect((await pass(bench, source)).records).toEqual([]);
    expect(asked()).toEqual([
      '/v1/acme-inc/github/organizations?',
      '/v1/github/acme/actions/detections?detection_id=Domain-Blocked&status=new&limit=200',
    ]);
  });

  it('a tenant whose organizations cannot be listed still yields its detections', async () => {
    bench.api.customers.set('acme-inc', ['acme']);
    bench.api.put(row(1));
    bench.api.onRequest = ({ path }) => (path.endsWith('organizations') ? { status: 403 } : undefined);
    const { records, error } = await pass(
      bench,
      await bench.source({ customer: 'acme-inc', policy_evaluations: true }),
    );
    expect(records).toHaveLength(1);
    expect(error).toBeInstanceOf(UnavailableError);
    const byOwner = await bench.source({ customer: 'acme-inc', tenant_wide: false });
    expect((await pass(bench, byOwner)).error).toBeInstanceOf(ConfigError);
  });

  it.each([
    ['a bare array', [{ owner: 'acme' }, { organization: 'two' }, { owner: 'acme' }]],
    ['wrapped in data', { data: [{ owner: 'acme' }, { owner: 'two' }] }],
    ['wrapped in organizations', { organizations: [{ owner: 'acme' }, { owner: 'two' }] }],
  ])('organizations come as %s', async (_, body) => {
    bench.api.onRequest = ({ path }) =>
      path.endsWith('organizations') ? { status: 200, body: JSON.stringify(body) } : undefined;
    const source = await bench.source({ customer: 'c', tenant_wide: false, statuses: ['new'] });
    await pass(bench, source);
    expect(asked().filter((each) => each.includes('detections'))).toHaveLength(2);
  });

  it('some of the organizations do not count as all of them', async () => {
    const body = JSON.stringify({ data: { organizations: [{ owner: 'acme' }], has_more: true } });
    bench.api.onRequest = ({ path }) => (path.endsWith('organizations') ? { status: 200, body } : undefined);
    const { error } = await pass(bench, await bench.source({ customer: 'c', tenant_wide: false }));
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toContain('give `owners`');
  });

  it('a tenant without organizations is exit 2', async () => {
    const { error } = await pass(bench, await bench.source({ customer: 'empty', policy_evaluations: true }));
    expect(error).toBeInstanceOf(ConfigError);
  });
});

describe('options', () => {
  it.each([
    ['both keys', { api_key_file: '/k' }, 'api_key'],
    ['no key', { api_key: undefined }, 'api_key'],
    ['no scope', { owners: undefined }, 'owners'],
    ['both scopes', { owners: ['a'], customer: 'b' }, 'owners'],
    ['an owner with a slash', { owners: ['a/b'] }, 'owners'],
    ['a page over the documented limit', { page_rows: 1001 }, 'page_rows'],
  ])('%s', (_, more, key) => {
    expect(() => bench.options(more)).toThrow(key);
  });

  it('names what it reads without the key, whatever the owners', () => {
    const name = component.identify(bench.options());
    expect(name).not.toContain(KEY);
    expect(component.identify(bench.options({ owners: ['acme', 'two'] }))).toBe(name);
    expect(component.identify(bench.options({ customer: 'acme-inc' }))).not.toBe(name);
  });
});

describe('check', () => {
  const findings = async (more?: Record<string, unknown>): Promise<Finding[]> => {
    const found: Finding[] = [];
    for await (const finding of component.check?.(bench.options(more), bench.context()) ?? [])
      found.push(finding);
    return found;
  };

  it('requests one row from each list', async () => {
    const found = await findings({ policy_evaluations: true, threat_intelligence: true, kinds: undefined });
    expect(found.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(bench.api.requests.map(({ query }) => query.limit)).toEqual(['1', '1', undefined]);
  });

  it('says what is wrong, with a way out and without the key', async () => {
    bench.api.keys.clear();
    const found = await findings({ policy_evaluations: true });
    expect(found.map(({ status }) => status)).toEqual(['ok', 'failed', 'failed']);
    expect(found[1]?.detail).toContain('(401); has it expired, or been revoked?');
    expect(JSON.stringify(found)).not.toContain(KEY);
  });

  it('tells a tenant that is not found from its lists', async () => {
    const found = await findings({ customer: 'nobody', policy_evaluations: true });
    expect(found.map(({ status }) => status)).toEqual(['failed', 'failed']);
  });
});
