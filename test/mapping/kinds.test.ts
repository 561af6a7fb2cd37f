import { describe, expect, it, test } from '@jest/globals';
import type { JsonObject } from '../../src/contracts/types.ts';
import type { Detection } from '../../src/detections/detection.ts';
import { POLICY_STATUS } from '../../src/detections/policies.ts';
import { API_KINDS, CLIENT_KINDS, EVALUATION_STATUSES } from '../../src/sources/api/kinds.ts';
import { evaluationRows } from '../../src/sources/api/policies.ts';
import { textOf } from '../../src/sources/api/row.ts';
import { ORACLE } from '../oracles/kinds.ts';
import { documentsOf } from './documents.ts';
import { decodeRecords, detectionOf, MAPPINGS } from './samples.ts';

const COMMON = { owner: 'acme', repo: 'web', owner_repo: 'acme/web', run_id: '1', timestamp: '1753951200' };

interface Said {
  readonly ecs: JsonObject & { event: JsonObject & { action: string }; rule: JsonObject & { name: string } };
  readonly cim: JsonObject;
}

function said(detection: Detection): Said {
  const [ecs = {}] = documentsOf(detection);
  const [cim = {}] = documentsOf(detection, { schema: 'cim' });
  return { ecs: ecs as Said['ecs'], cim };
}

function at(document: JsonObject, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
}

function ofPayload(payload: object): Said {
  return said(detectionOf({ ...COMMON, ...payload }));
}

/** A result in which every policy has this status, even policies nobody knows yet. */
function resultOf(status: string): JsonObject {
  const get = (_: object, key: string | symbol) =>
    String(key).endsWith('_status') ? status : key === 'policy' ? { name: 'all' } : undefined;
  return new Proxy<JsonObject>({}, { get });
}

/** The detections of an evaluation with this status for every policy, and of one without any policy result. */
function evaluated(status: string): Detection[] {
  const base = {
    repo_full_name: 'acme/web',
    workflow_file_path: '.github/workflows/ci.yml',
    run_id: 7,
    workflow_run_started_at: 1_753_790_675,
    status,
  };
  const rows = [[resultOf(status)], []].flatMap((policy_results) =>
    evaluationRows({ ...base, policy_results }, status, 'acme'),
  );
  const records = rows.map((row) => ({
    text: textOf(row),
    origin: { source: 'api', uri: 'api', rows: true as const },
    offset: 0,
  }));
  return [...decodeRecords(records, Date.UTC(2025, 7, 1))].flatMap(({ entries }) =>
    [...entries].map((entry) => {
      if (!('detection' in entry)) throw new Error(JSON.stringify(entry));
      return entry.detection;
    }),
  );
}

describe('every kind that the API source can emit', () => {
  const emitted = [
    ...[...API_KINDS, ...CLIENT_KINDS].map((id) => detectionOf({ ...COMMON, id })),
    ...EVALUATION_STATUSES.flatMap(evaluated),
    detectionOf({ id: '78540701-3106-4eaa-9408-8902e87bd27d', type: 'Threat-Intelligence' }),
    detectionOf({ id: 'Compromised-Component' }),
  ];

  it('has a mapping and a line in the table', () => {
    for (const { id, profile, warnings } of emitted) {
      expect([id, profile.kind]).toEqual([id, id]);
      expect(warnings).not.toContain('unknown_type');
      expect(ORACLE.kinds[id]).toBeDefined();
    }
    // Five policies, and a run that was stopped without one.
    expect(EVALUATION_STATUSES.map((status) => evaluated(status).length)).toEqual([6, 6]);
  });

  it('calls a blocked run blocked', () => {
    for (const detection of evaluated('Blocked')) {
      const { ecs, cim } = said(detection);
      expect([detection.id, cim.action, ecs.event.type]).toEqual([detection.id, 'blocked', ['denied']]);
      expect(ecs.event.reason).toContain(' was stopped');
      expect(ecs.stepsecurity).toMatchObject({ policy: { status: 'Blocked' } });
    }
  });

  it('calls a dry run a dry run everywhere, and gives it the severity of a block', () => {
    const blocks = evaluated('Blocked');
    for (const [nth, detection] of evaluated('DryRunBlocked').entries()) {
      const { ecs, cim } = said(detection);
      const block = said(blocks[nth] as Detection);
      expect([cim.action, ecs.event.type, ecs.event.outcome]).toEqual(['allowed', ['allowed'], undefined]);
      expect([cim.signature, ecs.rule.name]).toEqual(Array(2).fill(`${block.ecs.rule.name} (dry run)`));
      expect(ecs.event.action).toBe(`${block.ecs.event.action}-dry-run`);
      expect(ecs.event.reason).toContain(' would have been stopped');
      expect([ecs.tags, cim.tags]).toEqual([['stepsecurity-detection', 'dry-run'], ['dry-run']]);
      expect(ecs.stepsecurity).toMatchObject({ policy: { status: 'DryRunBlocked' } });
      expect([cim.severity, ecs.rule.id]).toEqual([block.cim.severity, block.ecs.rule.id]);
    }
  });
});

test('a state change has the organization of its finding', () => {
  const payload = { ...COMMON, id: 'Reverse-Shell', owner: 'acme::broker::web-team' };
  const changed = { change: { from: 'new', to: 'suppressed', counter: 1 } };
  const { cim } = said(detectionOf({ ...payload, stepsecurity_siem: changed }));
  expect([cim.vendor_account, ofPayload(payload).cim.vendor_account]).toEqual(['web-team', 'web-team']);
});

describe('a dry run, according to the payload', () => {
  const policies = Object.entries(POLICY_STATUS);
  const called = (id: string): string => ofPayload({ id }).ecs.rule.name;

  it.each(policies)('%s: DryRunBlocked in %s makes it one', (id, status) => {
    const { ecs, cim } = ofPayload({ id, [status]: 'DryRunBlocked', workflow_path: 'ci.yml' });
    const name = `${called(id)} (dry run)`;
    expect([cim.action, cim.signature, ecs.rule.name]).toEqual(['allowed', name, name]);
    expect([ecs.event.type, ecs.event.action]).toEqual([['allowed'], `${id.toLowerCase()}-dry-run`]);
    expect(ecs.event.reason).toContain(' would have been stopped');
    expect([ecs.tags, cim.tags]).toEqual([['stepsecurity-detection', 'dry-run'], ['dry-run']]);
    expect(ecs.stepsecurity).toMatchObject({ policy: { status: 'DryRunBlocked' } });
    expect(ecs.stepsecurity).not.toHaveProperty('unmapped');
  });

  it.each(policies)('%s: the status of another policy does not', (id, status) => {
    for (const own of [{ [status]: 'Blocked' }, {}]) {
      const foreign = Object.fromEntries(
        policies.filter(([kind]) => kind !== id).map(([, other]) => [other, 'DryRunBlocked']),
      );
      const { ecs, cim } = ofPayload({ id, ...foreign, ...own });
      expect([cim.action, ecs.rule.name, cim.tags]).toEqual(['blocked', called(id), undefined]);
      expect(ecs.stepsecurity).toMatchObject({ unmapped: foreign });
      expect(at(ecs, 'stepsecurity.policy.status')).toBe(own[status]);
    }
  });

  it.each(policies)(
    '%s: a status that is not a block in %s means neither stopped nor allowed',
    (id, status) => {
      for (const said of ['Allowed', 'NotApplicable']) {
        const { ecs, cim } = ofPayload({ id, [status]: said, workflow_path: 'ci.yml' });
        expect([cim.action, ecs.event.outcome, ecs.rule.name]).toEqual([undefined, undefined, called(id)]);
        expect(ecs.event.type ?? []).not.toEqual(
          expect.arrayContaining([expect.stringMatching(/^(?:allow|deni)ed$/)]),
        );
        expect(ecs.event.reason).not.toMatch(/stopped/);
        expect(ecs.stepsecurity).toMatchObject({
          policy: { status: said },
          parse_warnings: ['policy_status_mismatch'],
        });
      }
    },
  );

  it.each(Object.values(POLICY_STATUS))('nor does %s for a kind that is not a policy', (status) => {
    for (const id of ['Domain-Blocked', 'Suspicious-Network-Call']) {
      const { ecs, cim } = ofPayload({ id, endpoint: 'a.example:443', [status]: 'DryRunBlocked' });
      expect([cim.action, ecs.rule.name, cim.tags]).toEqual(['blocked', called(id), undefined]);
      expect(ecs.stepsecurity).toMatchObject({ unmapped: { [status]: 'DryRunBlocked' } });
    }
  });

  it.each([
    ['Actions-Policy-DryRunBlocked', {}, 'Actions Policy Blocked (dry run)', 'actions-policy-blocked'],
    ['actions-policy-dry-run-blocked', {}, 'Actions Policy Blocked (dry run)', 'actions-policy-blocked'],
    ['Actions-Policy-Blocked-DryRun', {}, 'Actions Policy Blocked (dry run)', 'actions-policy-blocked'],
    ['Image-Policy-DryRunBlocked', {}, 'Image Policy DryRunBlocked', 'image-policy-blocked'],
    [
      'Image-Policy-DryRun-Blocked',
      { name: 'Image Policy (Dry Run)' },
      'Image Policy (Dry Run)',
      'image-policy-blocked',
    ],
    [
      'Image-Policy-Blocked',
      { image_policy_status: 'DryRunBlocked', name: 'Image Policy' },
      'Image Policy (dry run)',
      'image-policy-blocked',
    ],
  ])('%s with %j says so once', (id, fields, name, action) => {
    const { ecs, cim } = ofPayload({ id, ...fields });
    expect([cim.action, cim.signature, ecs.rule.name]).toEqual(['allowed', name, name]);
    expect(ecs.event.action).toBe(`${action}-dry-run`);
    expect(cim.tags).toEqual(['dry-run']);
    expect(at(ecs, 'stepsecurity.policy.status')).toBe('DryRunBlocked');
    expect(JSON.stringify(ecs.event.reason).match(/dry[ -]?run|would have been/gi)).toHaveLength(1);
  });

  it('yields to what the evaluation says about the run', () => {
    const { cim } = ofPayload({ id: 'Actions-Policy-DryRun-Blocked', action_policy_status: 'Blocked' });
    expect([cim.action, cim.signature]).toEqual(['blocked', 'Actions Policy Blocked']);
  });
});

describe('members that were read are in their fields and do not count as unmapped', () => {
  it.each<[string, object, Record<string, unknown>]>([
    ['Reverse-Shell', { severity: 'HIGH' }, { 'stepsecurity.severity': 'HIGH', 'event.severity': 73 }],
    ['Reverse-Shell', { severity: 'grave' }, { 'stepsecurity.severity': 'grave', 'event.severity': 99 }],
    [
      'New-Outbound-Network-Call',
      { endpoint: 'a.example:443', matched_policy: 'GLOBAL_BLOCKLIST', reason: 'c2', status: 'Dropped' },
      { 'stepsecurity.block_list.policy': 'GLOBAL_BLOCKLIST', 'stepsecurity.block_list.reason': 'c2' },
    ],
    ['Reverse-Shell', { reason: 'Attack Blocked' }, { 'stepsecurity.block_list.reason': 'Attack Blocked' }],
    ['Domain-Blocked', { reason: 'not allowed' }, { 'stepsecurity.block_list.reason': 'not allowed' }],
    ['Domain-Blocked', { name: 'Attack Blocked' }, { 'stepsecurity.name': 'Attack Blocked' }],
    [
      'Action-Uses-Imposter-Commit',
      { action: 'a/b', is_imposter_commit: false, is_commit_on_default_branch: true },
      {
        'event.severity': 47,
        'stepsecurity.imposter_commit.is_imposter_commit': false,
        'stepsecurity.imposter_commit.is_commit_on_default_branch': true,
      },
    ],
  ])('for %s: %j', (id, fields, wanted) => {
    const { ecs } = ofPayload({ id, ...fields });
    for (const [field, value] of Object.entries(wanted))
      expect([field, at(ecs, field)]).toEqual([field, value]);
    expect(ecs.stepsecurity).not.toHaveProperty('unmapped');
  });

  it('for a baseline check: how it ended', () => {
    const { ecs } = ofPayload({
      type: 'pr_check_failure',
      check_type: 'Harden-Runner',
      status: 'completed',
      conclusion: 'success',
    });
    expect(at(ecs, 'stepsecurity.pr_check')).toMatchObject({ status: 'completed', conclusion: 'success' });
    expect(ecs.stepsecurity).not.toHaveProperty('unmapped');
  });

  it('and members that were not read are kept', () => {
    const other = { reason: 'out of memory', status: 'Dropped' };
    expect(ofPayload({ id: 'Agent-Tampered', ...other }).ecs.stepsecurity).toMatchObject({ unmapped: other });
  });
});

describe('an unknown kind', () => {
  test.each([
    ['Image-Policy-Blocked', 'blocked'],
    ['image-policy-blocked', 'blocked'],
    ['Image-Policy-DryRun-Blocked', 'allowed'],
    ['Image-Policy-Dry-Run-Blocked', 'allowed'],
    ['Blocked-Image', undefined],
    ['Image-Unblocked', undefined],
    ['Image-Pulled', undefined],
  ])('%s says %s', (id, action) => {
    const { ecs, cim } = ofPayload({ id });
    const type = action === undefined ? [] : [action === 'blocked' ? 'denied' : 'allowed'];
    expect([cim.action, ecs.event.type]).toEqual([action, ['info', ...type]]);
  });

  test.each([
    [{}, ['intrusion_detection']],
    [{ endpoint: 'a.example:443' }, ['intrusion_detection', 'network']],
    [{ process_events: [{ pid: 1, exe: '/bin/sh' }] }, ['intrusion_detection', 'process']],
    [{ path: '/etc/passwd' }, ['file', 'intrusion_detection']],
    [
      { endpoint: 'a.example:443', path: '/etc/passwd', process_events: [{ pid: 1 }] },
      ['file', 'intrusion_detection', 'network', 'process'],
    ],
  ])('with %j has the categories %j', (facts, categories) => {
    expect(ofPayload({ id: 'Image-Pulled', ...facts }).ecs.event.category).toEqual(categories);
  });
});

describe('another id of a known kind', () => {
  it.each([
    ['Anomalous-Outbound-Network-Call', 'New-Outbound-Network-Call', 'New Outbound Network Call'],
    ['Actions-Policy-DryRun-Blocked', 'Actions-Policy-Blocked', 'Actions Policy Blocked (dry run)'],
  ])('%s is %s', (id, kind, name) => {
    const { ecs, cim } = ofPayload({ id, name: 'As the vendor calls it' });
    expect([ecs.rule.id, ecs.rule.name, cim.signature, cim.signature_id]).toEqual([kind, name, name, kind]);
    expect(ecs.stepsecurity).toMatchObject({ id });
  });

  it('can be the one that the operator uses for severities and filters', async () => {
    const { compileFilters } = await import('../../src/detections/filters.ts');
    const payload = { ...COMMON, id: 'Anomalous-Outbound-Network-Call', endpoint: 'a.example:443' };
    for (const kind of [payload.id, 'New-Outbound-Network-Call']) {
      const detection = detectionOf(payload, { severity: { [kind]: 'critical' } });
      expect(detection.severity.word).toBe('critical');
      expect(compileFilters([{ name: 'mine', exclude: { kinds: [kind] } }])(detection)).toBe('mine');
    }
  });
});

describe('an id in other letter case', () => {
  const ofKind = (kind: string, id: string) => {
    const isCheck = MAPPINGS.kinds.find(({ detection }) => detection === kind)?.dataset === 'pr_check';
    if (!isCheck) return detectionOf({ ...COMMON, id });
    const check = kind === 'pr_check_failure' ? { type: id } : { type: 'pr_check_failure', check_type: id };
    return detectionOf({ ...COMMON, ...check });
  };

  it.each(MAPPINGS.kinds.map(({ detection }) => detection))('still means %s', (kind) => {
    const wanted = ofKind(kind, kind);
    for (const id of [kind.toLowerCase(), kind.toUpperCase(), ` ${kind} `]) {
      const found = ofKind(kind, id);
      expect([found.id, found.profile, found.name, found.action, found.severity, found.warnings]).toEqual([
        kind,
        wanted.profile,
        wanted.name,
        wanted.action,
        wanted.severity,
        wanted.warnings,
      ]);
    }
  });

  it('counts for its type, too', () => {
    const { ecs } = ofPayload({ id: 'x', type: 'PR_CHECK_FAILURE', check_type: 'pwn-request-check' });
    expect(ecs.rule).toMatchObject({ id: 'PWN-Request-Check', name: 'PWN Request' });
    expect(detectionOf({ type: 'threat-intelligence', title: 'A' }).id).toBe('Threat-Intelligence');
  });

  it('tells the closing of an incident from its opening', () => {
    const [open, over] = ['true', 'false'].map((active) =>
      detectionOf({ type: 'threat-intelligence', event_id: 'evt_1', is_active: active }),
    );
    expect(open?.uid).not.toBe(over?.uid);
  });

  it('is kept as the payload has it for an unknown kind, without surrounding whitespace', () => {
    expect(ofPayload({ id: ' Image-policy-blocked ' }).ecs.rule.id).toBe('Image-policy-blocked');
    const { ecs } = ofPayload({ type: 'pr_check_failure', check_type: 'My-Check ', check_name: 'Mine ' });
    expect(ecs.rule).toMatchObject({ id: 'My-Check', name: 'Mine' });
  });
});

describe('lockdown that is not stated in its own member', () => {
  const read = { id: 'Runner-Worker-Memory-Read', job: 'build' };
  it.each<[string, object, string | undefined]>([
    ['in the detection', { ...read, detection: 'Runner-Worker-Memory-Read-LOCKDOWN-build-arc-1' }, 'blocked'],
    ['in the id', { id: 'Runner-Worker-Memory-Read-LOCKDOWN-build' }, 'blocked'],
    ['in the id of an unknown kind', { id: 'Image-Pulled-LOCKDOWN-build' }, 'blocked'],
    [
      'contradicted by that member',
      { ...read, detection: `${read.id}-LOCKDOWN-build`, is_lockdown: false },
      'allowed',
    ],
    // The author of the workflow names the job.
    ['a job with that name', { ...read, job: 'LOCKDOWN-x', detection: `${read.id}-LOCKDOWN-x` }, 'allowed'],
    ['for an unnamed job', { id: read.id, detection: `${read.id}-LOCKDOWN-x` }, 'allowed'],
    [
      'a file with that name',
      { id: 'Source-Code-Overwritten', job: 'b', detection: 'Source-Code-Overwritten-LOCKDOWN-b.c' },
      'allowed',
    ],
    ['in words', { id: 'Runner-Lockdown-Left' }, undefined],
  ])('%s', (_, payload, action) => {
    const { ecs, cim } = ofPayload(payload);
    const blocked = action === 'blocked';
    expect([cim.action, at(ecs, 'stepsecurity.is_lockdown') ?? false]).toEqual([action, blocked]);
    expect(cim.tags).toEqual(blocked ? ['lockdown'] : undefined);
    expect(JSON.stringify(ecs.event.reason).includes('Stopped by lockdown: ')).toBe(blocked);
  });
});

test.each([
  ['New-Outbound-Network-Call', { status: 'Dropped', endpoint: 'a.example:443' }, 'blocked'],
  ['New-Outbound-Network-Call', { status: 'dropped' }, 'blocked'],
  ['HTTPS-Outbound-Network-Call', { status: 'Dropped', host: 'a.example' }, 'blocked'],
  ['Image-Pulled', { status: 'Dropped', endpoint: 'a.example:443' }, 'blocked'],
  ['Image-Pulled', { status: 'Dropped' }, undefined],
  ['Privileged-Container', { status: 'Dropped' }, 'allowed'],
  ['New-Outbound-Network-Call', { status: 'Allowed', endpoint: 'a.example:443' }, 'allowed'],
])('a connection that the agent dropped was not allowed: %s with %j is %s', (id, fields, action) => {
  expect(ofPayload({ id, ...fields }).cim.action).toBe(action);
});

test.each([
  ['Secret-In-Build-Log', 'allowed', 'high'],
  ['Secret-In-Artifact', 'allowed', 'high'],
  ['Source-Code-Overwritten', 'allowed', 'medium'],
  ['New-Outbound-Network-Call', 'allowed', 'medium'],
  ['Action-Uses-Imposter-Commit', undefined, 'high'],
])('lockdown cannot stop %s: it is %s, whatever ended the job', (id, action, severity) => {
  const { ecs, cim } = ofPayload({ id, path: 'a.c', is_lockdown: true });
  expect([cim.action, cim.severity, cim.tags]).toEqual([action, severity, ['lockdown']]);
  expect(ecs.event.reason).not.toMatch(/Stopped|tried to/);
});

describe('a pull request check', () => {
  const check = (fields: object) =>
    ofPayload({ id: 'pr_check_failure_1', type: 'pr_check_failure', ...fields });

  it.each([
    ['NPM-Package-Compromised-Updates-Check', 'high'],
    ['PyPI-Package-Compromised-Updates-Check', 'high'],
    ['PWN-Request-Check', 'high'],
    ['Script-Injection-Check', 'high'],
    ['NPM-Package-Cooldown-Check', 'low'],
    ['PyPI-Package-Cooldown-Check', 'low'],
    ['Harden-Runner', 'medium'],
    ['Another-Check', 'medium'],
  ])('is named by its type: %s is %s', (type, severity) => {
    const { ecs, cim } = check({ check_type: type });
    expect([ecs.rule.id, cim.signature_id, cim.severity]).toEqual([type, type, severity]);
    expect(ecs.event).toMatchObject({ action: 'pr_check_failure', dataset: 'stepsecurity.pr_check' });
    expect(cim).not.toHaveProperty('action');
  });

  it('is not another kind, whatever its type says', () => {
    const { ecs } = check({ check_type: 'Reverse-Shell' });
    expect(ecs.rule).toMatchObject({ id: 'Reverse-Shell' });
    expect(ecs.observer).toMatchObject({ product: 'GitHub Checks' });
    expect(ecs.event).toMatchObject({ severity: 47 });
  });

  it.each(['success', 'neutral', 'skipped', 'SUCCESS', 'Neutral ', 'failure'])(
    'for the baseline counts by its conclusion: %s',
    (conclusion) => {
      const { cim } = check({ check_type: 'Harden-Runner', conclusion });
      expect(cim.severity).toBe(conclusion === 'failure' ? 'medium' : 'informational');
    },
  );

  it.each([
    ['success', 'pr_check_success', 'passed'],
    ['failure', 'pr_check_failure', 'failed'],
    [undefined, 'pr_check_failure', 'failed'],
  ])('that ended with %s is a %s', (conclusion, action, result) => {
    const page = { check_name: 'Mine', pr_url: 'https://github.com/acme/web/pull/7' };
    const { ecs } = check({ check_type: 'My-Check', ...page, conclusion });
    expect(ecs.event).toMatchObject({ action, reason: `Mine ${result} on ${page.pr_url}` });
  });

  it('does not name the sinkhole as the destination', () => {
    const failure_data = [{ endpoint: '54.185.253.63:443' }, { endpoint: 'a.example:443' }];
    const { ecs } = check({ check_type: 'Harden-Runner', pr_url: 'https://a.example/1', failure_data });
    expect(ecs.event.reason).toBe('The baseline check of https://a.example/1 found a.example:443');
  });

  it('is neither stopped nor allowed, even if it has a member that detections have', () => {
    const { ecs, cim } = check({ check_type: 'PWN-Request-Check', is_lockdown: true });
    expect([cim.action, ecs.event.type]).toEqual([undefined, ['info']]);
  });

  it('names the package if it found only one', () => {
    const found = { package_name: 'left-padder', previous_version: '1.0.0', current_version: '1.0.1' };
    const one = check({ check_type: 'NPM-Package-Cooldown-Check', failure_data: [found] });
    expect(one.ecs.package).toEqual({ name: 'left-padder', version: '1.0.1', type: 'npm' });
    const two = check({ check_type: 'NPM-Package-Cooldown-Check', failure_data: [found, found] });
    expect(two.ecs.package).toEqual({ type: 'npm' });
  });
});

describe('the global block list', () => {
  const call = { id: 'Domain-Blocked', endpoint: 'a.example:443' };
  it.each([
    [{ matched_policy: 'GLOBAL_BLOCKLIST' }, 'high'],
    [{ matched_policy: 'GLOBAL_BLOCKLIST', severity: 'critical' }, 'critical'],
    [{ matched_policy: 'GLOBAL_BLOCKLIST', severity: 'low' }, 'high'],
    [{ reason: 'Attack Blocked' }, 'high'],
    [{ name: 'Attack Blocked' }, 'high'],
    [{ matched_policy: 'acme-egress' }, 'medium'],
    [{ reason: 'not allowed' }, 'medium'],
  ])('%j is %s', (fields, severity) => {
    const { cim } = ofPayload({ ...call, ...fields });
    expect([cim.action, cim.severity]).toEqual(['blocked', severity]);
  });
});

test.each([
  ['Privileged-Container', { is_lockdown: true }, 'Stopped by lockdown: '],
  [
    'Reverse-Shell',
    { process_events: [{ armour_event_process: { enforced_protection: true } }] },
    'Stopped by the agent: ',
  ],
  ['New-Outbound-Network-Call', { matched_policy: 'GLOBAL_BLOCKLIST' }, 'Stopped by the global block list: '],
])('the reason of %s with %j starts with what stopped it', (id, fields, beginning) => {
  const { ecs, cim } = ofPayload({ id, ...fields });
  expect([ecs.event.reason, cim.description]).toEqual([
    expect.stringMatching(`^${beginning}`),
    expect.stringMatching(`^${beginning}`),
  ]);
});

describe('a reason does not claim success when the attempt was stopped', () => {
  const kinds = MAPPINGS.kinds.filter(({ dataset, detection }) => {
    // These were found where they already are; for a new kind only its author knows.
    const found = detection.startsWith('Secret-In-') || detection === 'Non-Compliant-Artifact';
    return dataset === 'detection' && !found && ORACLE.kinds[detection] !== undefined;
  });
  it.each(kinds)('$detection', ({ reason }) => {
    for (const sentence of reason) expect(sentence).toMatch(/\[[^|]+\|[^\]]+\]|\{verdict\}| tried to /);
  });

  const uses = (kind: string) => ({ id: `Action-Uses-${kind}`, action: 'a/b', tag: 'v1', sha: 'c1' });
  const memory = { id: 'Runner-Worker-Memory-Read', job: 'build', file: '/proc/1/mem' };
  it.each<[object, string]>([
    [memory, 'acme/web read the memory of the runner at /proc/1/mem'],
    [
      { ...memory, is_lockdown: true },
      'Stopped by lockdown: acme/web tried to read the memory of the runner at /proc/1/mem',
    ],
    [uses('Imposter-Commit'), "acme/web uses a/b, a commit that is not in the action's own history: c1"],
    [{ ...uses('Imposter-Commit'), is_imposter_commit: false }, 'acme/web uses a/b at commit c1'],
    [
      uses('Commit-From-Non-Default-Branch'),
      'acme/web uses a/b, a commit that is not on its default branch: c1',
    ],
    [
      { ...uses('Commit-From-Non-Default-Branch'), is_commit_on_default_branch: true },
      'acme/web uses a/b at commit c1',
    ],
    [
      { id: 'New-Outbound-Network-Call', endpoint: '54.185.253.63:443' },
      'New Outbound Network Call in acme/web',
    ],
    [{ id: 'Domain-Blocked', endpoint: '54.185.253.63:443' }, 'Domain Blocked in acme/web'],
    [{ id: 'Domain-Blocked', endpoint: 'a.example:1' }, 'acme/web was kept from reaching a.example'],
    [
      { id: 'Domain-DryRun-Blocked', endpoint: 'a.example:1' },
      'acme/web would have been kept from reaching a.example',
    ],
    [
      { id: 'New-Outbound-Network-Call', endpoint: 'a.example:1', status: 'Dropped' },
      'Stopped by the agent: acme/web tried to call a.example:1, which is not in its baseline',
    ],
  ])('%j', (payload, sentence) => {
    const { ecs, cim } = ofPayload(payload);
    expect([ecs.event.reason, cim.description]).toEqual([sentence, sentence]);
  });
});

test('the payload sets the severity of every kind, in its own words', () => {
  const graded = (id: string, severity: unknown) => ofPayload({ id, severity }).cim.severity;
  for (const id of ['Runs-On-Policy-Blocked', 'Reverse-Shell', 'Agent-Tampered', 'Image-Pulled']) {
    expect(['CRITICAL', 'High', 'moderate', 'low', 'info'].map((word) => graded(id, word))).toEqual([
      'critical',
      'high',
      'medium',
      'low',
      'informational',
    ]);
    expect(graded(id, 'severe')).toBe(graded(id, null));
  }
  expect(ofPayload({ id: 'Reverse-Shell', severity: 'critical', is_lockdown: true }).cim.severity).toBe(
    'critical',
  );
});
