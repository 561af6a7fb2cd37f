import { describe, expect, it, test } from '@jest/globals';
import type { JsonObject } from '../../src/contracts/types.ts';
import { compileMapper } from '../../src/mapping/mapper.ts';
import { DEFAULT_MAPPER, type MapperOptions } from '../../src/mapping/options.ts';
import { profilesOf } from '../../src/mapping/profiles.ts';
import { documentsOf } from './documents.ts';
import { detectionOf, MAPPINGS } from './samples.ts';

const BLOCKED = {
  id: 'Domain-Blocked',
  name: 'Domain Blocked',
  owner: 'acme',
  repo: 'web',
  timestamp: '1753951200',
  endpoint: 'c2.example.net.',
  detection: 'Domain-Blocked-c2.example.net.',
};
const TOKEN = ['gh', 'p_', 'x'.repeat(36)].join('');

function ecs(payload: object, options: Partial<MapperOptions> = {}): JsonObject {
  return documentsOf(detectionOf(payload), options)[0] ?? {};
}

function cim(payload: object, options: Partial<MapperOptions> = {}): JsonObject[] {
  return documentsOf(detectionOf(payload), { schema: 'cim', ...options });
}

test('a document carries what sinks need in addition to its text', () => {
  const [document] = compileMapper(MAPPINGS, DEFAULT_MAPPER)(detectionOf(BLOCKED));
  const { json, ...rest } = document ?? { json: '' };
  expect(rest).toEqual({
    uid: expect.stringMatching(/^[0-9a-f]{64}$/),
    kind: 'Domain-Blocked',
    dataset: 'detection',
    time: 1_753_951_200_000,
    timeIsReceipt: false,
  });
  expect(json).not.toContain('\n');
});

test('every document says which version wrote it, and is the same detection in every version', () => {
  const versions = ['1.2.3', '1.3.0-rc.1'];
  const documents = versions.map((version) => [
    ecs(BLOCKED, { version }),
    ...cim(BLOCKED, { version, cimProfile: 'fan_out' }),
  ]);
  expect(
    documents.map(([one, alert, activity]) => [one?.agent, alert?.mapper_version, activity?.mapper_version]),
  ).toEqual(versions.map((version) => [{ type: 'stepsecurity-siem', version }, version, version]));
  const [before, after] = documents.map((written) => JSON.stringify(written));
  expect(after?.replaceAll('1.3.0-rc.1', '1.2.3')).toBe(before);
});

describe('the options of ECS', () => {
  it('keeps the payload on request, redacted, and adds a tag that says so', () => {
    const document = ecs({ ...BLOCKED, note: `--token=${TOKEN}` }, { preserveOriginal: true });
    const { original } = document.event as { original: string };
    expect(JSON.parse(original)).toMatchObject({ id: 'Domain-Blocked', endpoint: 'c2.example.net.' });
    expect(JSON.stringify(document)).not.toContain(TOKEN);
    expect(document.tags).toEqual(['stepsecurity-detection', 'preserve_original_event']);
    expect(ecs(BLOCKED).event).not.toHaveProperty('original');
  });

  it('never forwards the masked secret', () => {
    const mask = `AB${'*'.repeat(30)}YZ`;
    const payload = { ...BLOCKED, id: 'Secret-In-Build-Log', secret: mask };
    const documents = [ecs(payload, { preserveOriginal: true }), ...cim(payload)];
    expect(JSON.stringify(documents)).not.toContain(mask);
    expect(documents[0]?.stepsecurity).toMatchObject({ secret: { masked_length: 34 } });
  });

  it('adds tags and labels, and the namespace', () => {
    const document = ecs(BLOCKED, { tags: ['backfill'], labels: { team: 'red' }, namespace: 'prod' });
    expect(document).toMatchObject({
      tags: ['stepsecurity-detection', 'backfill'],
      labels: { team: 'red' },
      data_stream: { namespace: 'prod' },
      event: { dataset: 'stepsecurity.detection' },
    });
    expect(ecs(BLOCKED)).not.toHaveProperty('labels');
  });

  it.each([
    [{}, false, 'alert'],
    [{}, true, 'event'],
    [{ is_suppressed: true }, false, 'event'],
    [{ is_resolved: 'true' }, false, 'event'],
  ])('%j with quiet %j is of kind %s', (state, quiet, kind) => {
    expect(ecs({ ...BLOCKED, ...state }, { quiet }).event).toMatchObject({ kind });
  });

  it('does not change enrichment when quiet', () => {
    const document = ecs({ type: 'Threat-Intelligence', id: 'x', title: 'T' }, { quiet: true });
    expect(document.event).toMatchObject({ kind: 'enrichment' });
  });

  it('tags suppressed detections', () => {
    expect(ecs({ ...BLOCKED, is_suppressed: 'true' }).tags).toContain('suppressed');
    expect(ecs(BLOCKED).tags).not.toContain('suppressed');
  });
});

describe('the profiles of CIM', () => {
  it('writes one event, and with fan_out a second one with the same id', () => {
    expect(cim(BLOCKED)).toHaveLength(1);
    expect(cim(BLOCKED, { cimProfile: 'alerts_only' })).toHaveLength(1);
    const [alert, activity, ...more] = cim(BLOCKED, { cimProfile: 'fan_out' });
    expect(more).toEqual([]);
    expect(activity?.id).toBe(alert?.id);
    expect(activity).not.toHaveProperty('severity');
  });

  it('marks the second event', () => {
    const map = compileMapper(MAPPINGS, { ...DEFAULT_MAPPER, schema: 'cim', cimProfile: 'fan_out' });
    expect(map(detectionOf(BLOCKED)).map(({ role }) => role)).toEqual([undefined, 'activity']);
  });

  it('writes no second event for a kind without one, or when only a state changed', () => {
    const policy = { ...BLOCKED, id: 'Actions-Policy-Blocked' };
    expect(cim(policy, { cimProfile: 'fan_out' })).toHaveLength(1);
    const change = { from: 'new', to: 'suppressed', counter: 1 };
    const changed = { ...BLOCKED, stepsecurity_siem: { change } };
    expect(cim(changed, { cimProfile: 'fan_out' })).toHaveLength(1);
  });

  it('names the product of a policy in every profile', () => {
    for (const cimProfile of ['best_fit', 'alerts_only', 'fan_out'] as const) {
      const [event] = cim({ ...BLOCKED, id: 'Actions-Policy-Blocked' }, { cimProfile });
      expect(event?.vendor_product).toBe('StepSecurity Workflow Run Policies');
    }
  });

  it('keeps the whole payload, repeats nothing unless told to, and adds only where it came from', () => {
    const [event] = cim({ ...BLOCKED, extra: { a: null }, stepsecurity_siem: { run: { actor: 'octocat' } } });
    expect(event).toMatchObject({ signature_id: BLOCKED.id, detection: BLOCKED.detection });
    expect(event?.stepsecurity).not.toHaveProperty('detection');
    expect(event?.stepsecurity).toMatchObject({ origin: 'test', extra: { a: null } });
    const [whole] = cim({ ...BLOCKED, extra: { a: null } }, { preserveOriginal: true });
    expect(whole?.stepsecurity).toEqual({ origin: 'test', ...BLOCKED, extra: { a: null } });
    expect(event?.user).toBe('octocat');
  });

  it('adds tags and labels only when there are some', () => {
    expect(cim(BLOCKED)[0]).not.toHaveProperty('tags');
    expect(cim(BLOCKED, { tags: ['backfill'], labels: { team: 'red' } })[0]).toMatchObject({
      tags: ['backfill'],
      labels: { team: 'red' },
    });
  });
});

test.each(['suppressed', 'resolved', 'new'])('a change to %s is a separate event', (to) => {
  const change = { from: 'x', to, counter: 3 };
  const plain = ecs(BLOCKED);
  const changed = ecs({ ...BLOCKED, stepsecurity_siem: { change } });
  expect(changed).toMatchObject({
    event: { kind: 'event', action: `detection-${to === 'new' ? 'reopened' : to}` },
    stepsecurity: { change: { ...change, uid: (plain.event as JsonObject).id } },
  });
  expect((changed.event as JsonObject).id).not.toBe((plain.event as JsonObject).id);
  expect(changed).not.toHaveProperty('stepsecurity.unmapped');
  const [event] = cim({ ...BLOCKED, stepsecurity_siem: { change } });
  expect(event).toMatchObject({ type: 'event', change: { from: 'x', to } });
});

describe('profilesOf', () => {
  const profiles = profilesOf(MAPPINGS);

  it('knows each kind, and reads what its rules name', () => {
    expect([...(profiles.profile('pr_check_failure')?.reads?.keys() ?? [])]).toContain('check_type');
    expect([...(profiles.profile('Domain-Blocked')?.reads?.keys() ?? [])]).not.toContain('check_type');
    expect(profiles.profile('Nobody-Has-Seen')).toBeUndefined();
  });

  it('reads nothing of an unknown kind: all of it is kept', () => {
    expect(profiles.unknown.reads).toBeNull();
    const payload = { ...BLOCKED, id: 'Nobody-Has-Seen', deep: { a: [null, ''] } };
    expect(ecs(payload).stepsecurity).toMatchObject({ unmapped: payload, parse_warnings: ['unknown_type'] });
  });

  it('keeps members of a known kind that nothing reads', () => {
    expect(ecs({ ...BLOCKED, extra: { a: 1 } }).stepsecurity).toMatchObject({
      unmapped: { extra: { a: 1 } },
    });
    expect(ecs(BLOCKED).stepsecurity).not.toHaveProperty('unmapped');
  });
});

describe('values that detections add for the mappings', () => {
  it('uses denied instead of allowed when lockdown stopped it', () => {
    const shell = { ...BLOCKED, id: 'Reverse-Shell', is_lockdown: true };
    expect(ecs(shell).event).toMatchObject({ type: ['start', 'denied'], outcome: 'success' });
  });

  it('does not treat the sinkhole as a destination', () => {
    const direct = ecs({ ...BLOCKED, direct_ip_address: '54.185.253.63' });
    expect(direct.destination).toEqual({ address: 'c2.example.net', domain: 'c2.example.net' });
    const raw = ecs({ ...BLOCKED, endpoint: '54.185.253.63:443' });
    expect(raw).not.toHaveProperty('destination');
    expect(raw.stepsecurity).toMatchObject({ endpoint: '54.185.253.63:443' });
  });

  it('links to jobs only on plain GitHub', () => {
    const job = 'cicd.pipeline.task.run.url.full';
    const of = (payload: object): JsonObject => ecs({ ...BLOCKED, run_id: '1', job_id: '2', ...payload });
    expect(of({})).toHaveProperty(job, 'https://github.com/acme/web/actions/runs/1/job/2');
    expect(of({ html_url: 'https://app.stepsecurity.io/gitlab/acme/web' })).not.toHaveProperty(job);
    expect(of({ owner: 'ghes::acme::web', owner_repo: 'acme/web' })).not.toHaveProperty(job);
  });

  it('gives threat intelligence neither a repository nor an action', () => {
    const incident = { type: 'Threat-Intelligence', id: 'x', title: 'T', details: 'long' };
    expect(ecs(incident)).toMatchObject({ message: 'long' });
    expect(ecs(incident)).not.toHaveProperty('vcs');
    expect(cim(incident)[0]).not.toHaveProperty('action');
  });
});
