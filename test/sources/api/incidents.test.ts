import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UnavailableError } from '../../../src/contracts/errors.ts';
import type { JsonObject } from '../../../src/contracts/types.ts';
import { detectionOf } from '../../mapping/samples.ts';
import { type Bench, bodies, pass, row, startBench } from './harness.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(async () => {
  expect(bench.api.violations).toEqual([]);
  await bench.close();
});

const ID = 'f47ac10b-58cc-4372-a567-0e02b2c3d479';

/** As the API's description has them. */
function incident(more: JsonObject = {}): JsonObject {
  return {
    id: ID,
    incident_start_time: '2024-01-15T10:00:00Z',
    incident_end_time: null,
    title: 'Malicious Package in NPM Registry',
    ecosystem: 'npm',
    severity: 'high',
    is_active: 'true',
    ...more,
  };
}

const component = {
  type: 'npm',
  component_name: 'malicious-pkg',
  version: '1.2.3',
  severity: 'critical',
  verified: true,
  added_at: '2024-01-15T10:00:00Z',
  threat_intel_id: null,
};

const told = async (more: Record<string, unknown> = {}) =>
  pass(bench, await bench.source({ threat_intelligence: true, ...more }));

describe('incidents', () => {
  it('have the shape and the uid of the export', async () => {
    bench.api.incidents.push(incident());
    const [body = {}] = bodies((await told()).records);
    const link = `https://app.stepsecurity.io/github/acme/threat-center/incidents/${ID}`;
    expect(body).toEqual(incident({ type: 'Threat-Intelligence', event_id: ID, incident_url: link }));
    const { type, event_id } = { type: 'Threat-Intelligence', event_id: ID };
    expect(detectionOf(body).uid).toBe(detectionOf(incident({ type, event_id })).uid);
  });

  it('are reported once, and once more when they are over', async () => {
    bench.api.incidents.push(incident());
    expect((await told()).records).toHaveLength(1);
    bench.api.incidents[0] = incident({ details: 'more is known', updated_at: '2024-01-16T15:00:00Z' });
    expect((await told()).records).toEqual([]);
    bench.api.incidents[0] = incident({ is_active: 'false', incident_end_time: '2024-01-17T00:00:00Z' });
    expect(bodies((await told()).records).map((body) => body.is_active)).toEqual(['false']);
  });

  it('are requested from one organization, since they are the same for all', async () => {
    bench.api.incidents.push(incident());
    await told({ owners: ['acme', 'other'], statuses: ['new'] });
    const asked = bench.api.requests.map(({ path }) => path).filter((path) => path.includes('threat-intel'));
    expect(asked).toEqual([
      '/v1/github/acme/threat-intel/incidents',
      `/v1/github/acme/threat-intel/incidents/${ID}/compromised-components`,
    ]);
  });

  it('are requested for a tenant, too', async () => {
    bench.api.customers.set('acme-inc', ['acme']);
    bench.api.incidents.push(incident());
    expect((await told({ customer: 'acme-inc' })).records).toHaveLength(1);
  });

  it('`since` applies to them by their start', async () => {
    bench.api.incidents.push(incident());
    bench.api.components.set(ID, [component]);
    expect((await told({ since: '2025-01-01T00:00:00Z' })).records).toEqual([]);
  });

  it('that cannot be read fail the sweep, and hold up nothing else', async () => {
    bench.api.put(row(1));
    bench.api.onRequest = ({ path }) => (path.includes('threat-intel') ? { status: 403 } : undefined);
    const { records, error } = await told();
    expect(records).toHaveLength(1);
    expect(error).toBeInstanceOf(UnavailableError);
    expect(String(error)).toContain('/github/acme/threat-intel/incidents');
  });

  it.each([
    ['no list', { detections: 'x' }],
    ['nothing', {}],
  ])('%s is an answer with a wrong shape', async (_, body) => {
    bench.api.onRequest = ({ path }) =>
      path.includes('threat-intel') ? { status: 200, body: JSON.stringify(body) } : undefined;
    expect((await told()).error).toBeInstanceOf(UnavailableError);
  });
});

describe('compromised components', () => {
  it('are separate documents, so that package and version can be matched', async () => {
    bench.api.incidents.push(incident());
    bench.api.components.set(ID, [component, { ...component, version: '*', id: 'c-2' }]);
    const [, first = {}, second = {}] = bodies((await told()).records);
    expect(first).toMatchObject({
      ...component,
      id: 'Compromised-Component',
      detection: `${ID}/npm/malicious-pkg@1.2.3`,
      timestamp: '2024-01-15T10:00:00Z',
      threat_intel_id: ID,
    });
    expect(second).toMatchObject({ version: '*', stepsecurity_siem: { row_id: 'c-2' } });
    expect(detectionOf(first).uid).not.toBe(detectionOf(second).uid);
    expect((await told()).records).toEqual([]);
  });

  it('that come later are reported later', async () => {
    bench.api.incidents.push(incident());
    bench.api.components.set(ID, [component]);
    expect((await told()).records).toHaveLength(2);
    bench.api.components.set(ID, [component, { ...component, component_name: 'other' }]);
    expect(bodies((await told()).records).map((body) => body.component_name)).toEqual(['other']);
  });

  it('of many incidents are requested one by one, and an entry that is not an object is reported once', async () => {
    const ids = Array.from({ length: 30 }, (_, n) => `incident-${n}`);
    for (const id of ids) bench.api.incidents.push(incident({ id }));
    const body = '{"compromised_components":["x"]}';
    bench.api.onRequest = ({ path }) => (path.endsWith('components') ? { status: 200, body } : undefined);
    const { records, error } = await told();
    expect(error).toBeUndefined();
    expect(bodies(records).filter(({ value }) => value === 'x')).toHaveLength(1);
  });
});
