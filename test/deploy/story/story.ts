import {
  COMMIT,
  check,
  imposter,
  incident,
  memoryRead,
  type Place,
  payload,
  reverseShell,
} from './payloads.ts';

/**
 * What happened at an organization called acme in two weeks of March 2026. From this, the numbers that dashboards and
 * searches must show are worked out by hand in the tests.
 */
export interface Act {
  /** For tests that remove it. */
  readonly name: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** Minutes between the detection and its arrival in the index. */
  readonly delay?: number;
  /** How often it was delivered. */
  readonly copies?: number;
}

export const made = (
  name: string,
  id: string,
  place: Place,
  own: object = {},
  more: Partial<Act> = {},
): Act => ({
  name,
  payload: payload(id, place, own),
  ...more,
});

/** The same finding, later: the API source reports a change of its state. */
export const changed = (
  name: string,
  act: Act,
  at: string,
  from: string,
  to: string,
  by: string,
  counter = 1,
): Act => ({
  name,
  payload: {
    ...act.payload,
    is_suppressed: to === 'suppressed',
    is_resolved: to === 'resolved',
    ...(to === 'suppressed' && { suppressed_by: by }),
    ...(to === 'resolved' && { resolved_by: by }),
    stepsecurity_siem: { change: { from, to, counter } },
    at,
  },
});

// --- the quiet week: what a pipeline does anyway -------------------------------------------------------------------------

const cdn = made(
  'a new destination that is fine',
  'New-Outbound-Network-Call',
  { at: '2026-03-10T09:00Z', repo: 'site', run: '5001', job: 'build' },
  { endpoint: 'cdn.example.com:443' },
);
const bump = made(
  'a version bump',
  'Source-Code-Overwritten',
  { at: '2026-03-10T09:30Z', repo: 'web', run: '5002', job: 'release' },
  { file: 'version.py', path: '/home/runner/work/web/web/version.py' },
);
const container = made(
  'a privileged container',
  'Privileged-Container',
  { at: '2026-03-10T10:00Z', repo: 'web', run: '5003', job: 'image' },
  {
    process_events: [
      { pid: '11', exe: '/usr/bin/docker', arguments: ['docker', 'run', '--privileged', 'alpine:3'] },
    ],
  },
);

const QUIET: readonly Act[] = [
  cdn,
  changed(
    'the new destination is suppressed',
    cdn,
    '2026-03-10T11:00Z',
    'new',
    'suppressed',
    'alice@example.com',
  ),
  bump,
  // An export repeats a detection after somebody has handled it.
  {
    name: 'the version bump is sent again, as resolved',
    payload: { ...bump.payload, is_resolved: true },
    delay: 120,
  },
  container,
  changed(
    'the container is suppressed',
    container,
    '2026-03-10T12:00Z',
    'new',
    'suppressed',
    'alice@example.com',
  ),
  changed(
    'the container is opened again',
    container,
    '2026-03-11T12:00Z',
    'suppressed',
    'new',
    'bob@example.com',
    2,
  ),
];

// --- the attack: one action, three repositories, four runs ----------------------------------------------------------------

const RUN = { repo: 'payments', run: '7001', job: 'deploy' };

const shell = made(
  'a reverse shell',
  'Reverse-Shell',
  { at: '2026-03-12T09:00Z', repo: 'payments', run: '7004', job: 'lint' },
  reverseShell,
);
const secret = made(
  'a secret in a log',
  'Secret-In-Build-Log',
  { ...RUN, at: '2026-03-12T08:06Z' },
  { rule_id: 'generic-api-key', line_number: '14', step_number: '5' },
);

const ATTACK: readonly Act[] = [
  made('an imposter commit', 'Action-Uses-Imposter-Commit', { ...RUN, at: '2026-03-12T08:00Z' }, imposter),
  made('a memory read', 'Runner-Worker-Memory-Read', { ...RUN, at: '2026-03-12T08:03Z' }, memoryRead),
  made(
    'a call to the attacker',
    'New-Outbound-Network-Call',
    { ...RUN, at: '2026-03-12T08:04Z' },
    { endpoint: 'exfil.example.net:443', tool: memoryRead.tool },
    { copies: 2 },
  ),
  made(
    'an overwritten source',
    'Source-Code-Overwritten',
    { ...RUN, at: '2026-03-12T08:05Z' },
    { file: 'setup.py', path: '/home/runner/work/payments/payments/setup.py' },
  ),
  secret,
  changed('the secret is revoked', secret, '2026-03-13T08:00Z', 'new', 'resolved', 'bob@example.com'),
  made(
    'the imposter in another repository',
    'Action-Uses-Imposter-Commit',
    { at: '2026-03-12T08:20Z', repo: 'api', run: '7002', job: 'deploy' },
    imposter,
  ),
  made(
    'a call that was blocked',
    'Domain-Blocked',
    { at: '2026-03-12T08:21Z', repo: 'api', run: '7002', job: 'deploy' },
    { endpoint: 'exfil.example.net.' },
  ),
  // The feed was down, so it came six hours late.
  made(
    'another call that was blocked',
    'Domain-Blocked',
    { at: '2026-03-12T08:30Z', repo: 'web', run: '7003', job: 'deploy' },
    { endpoint: 'exfil.example.net.' },
    { delay: 360 },
  ),
  shell,
  changed(
    'the reverse shell is suppressed',
    shell,
    '2026-03-12T09:20Z',
    'new',
    'suppressed',
    'mallory@example.com',
  ),
  made('the agent is stopped', 'Agent-Tampered', {
    at: '2026-03-12T09:05Z',
    repo: 'payments',
    run: '7004',
    job: 'lint',
  }),
];

// --- afterwards: policies, checks, incidents ------------------------------------------------------------------------------

const AFTER: readonly Act[] = [
  made(
    'a policy that would have stopped a run',
    'Actions-Policy-Blocked',
    { at: '2026-03-13T10:00Z', repo: 'web', run: '7010' },
    {
      actions_not_allowed: [`acme-labs/deploy@${COMMIT}`],
      stepsecurity_siem: { policy: { status: 'DryRunBlocked', names: ['Allowed actions'] } },
    },
  ),
  made(
    'a policy that stopped a run',
    'Runs-On-Policy-Blocked',
    { at: '2026-03-13T11:00Z', repo: 'infra', run: '7011' },
    { runs_on_labels_not_allowed: ['self-hosted'] },
  ),
  {
    name: 'an unsafe workflow',
    payload: check('PWN-Request-Check', { at: '2026-03-14T09:00:00Z', repo: 'docs' }),
  },
  {
    name: 'a failed check',
    payload: check('Docker-Image-Pinning-Check', { at: '2026-03-14T09:30:00Z', repo: 'docs' }),
  },
  { name: 'an incident', payload: incident('2026-03-14T10:00Z', 'left-padder', 'true') },
  { name: 'an incident that is over', payload: incident('2026-03-14T10:30Z', 'right-padder', 'false') },
  made('an unknown kind', 'Clock-Turned-Back', {
    at: '2026-03-15T08:00Z',
    repo: 'api',
    run: '7020',
    job: 'test',
  }),
];

export const ACTS: readonly Act[] = [...QUIET, ...ATTACK, ...AFTER];
