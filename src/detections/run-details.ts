import { isObject } from '../contracts/json.ts';
import type { Json, JsonObject } from '../contracts/types.ts';
import { DEFAULT_REDACTOR, type Redactor } from '../redaction/redactor.ts';
import { integer, known, orNothing, text } from './scalars.ts';
import { cutText, LONGEST_NAME } from './short-texts.ts';

/** Facts about the run as a whole. */
export interface RunFacts {
  /** Login of the user who started it. */
  readonly actor: string | undefined;
  readonly branch: string | undefined;
  readonly head_sha: string | undefined;
  readonly event: string | undefined;
  /** The workflow's display name. */
  readonly workflow: string | undefined;
}

/** The runner of a job. */
export interface Worker {
  readonly name: string | undefined;
  /** Name of the machine; absent if many machines share it. */
  readonly host: string | undefined;
  readonly cluster: string | undefined;
  /** The vendor's term, e.g. `ARC`. */
  readonly environment: string | undefined;
  /** Harden-Runner's policy in this job: `audit` or `block`. */
  readonly egress_policy: string | undefined;
}

interface Job {
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly worker: Worker | undefined;
}

/** The facts kept from a run's own document, which the vendor calls Insights. */
export interface RunDetails {
  readonly facts: RunFacts | undefined;
  readonly attempt: number | undefined;
  readonly jobs: readonly Job[];
}

/** More jobs than a run can have: GitHub's matrix ends at 256. */
const MAX_JOBS = 1_000;

/** Reads the document of a run. Keeps nothing else of its many kilobytes, and redacts what it keeps. */
export function readRunDocument(
  document: JsonObject,
  { text: redact }: Redactor = DEFAULT_REDACTOR,
): RunDetails {
  const clean = (value: Json | undefined): string | undefined => {
    const one = known(value);
    return one === undefined ? undefined : cutText(redact(one), LONGEST_NAME);
  };
  const jobs = Array.isArray(document.jobs) ? document.jobs.slice(0, MAX_JOBS).filter(isObject) : [];
  return {
    facts: orNothing({
      actor: clean(document.workflow_run_actor_login),
      branch: clean(document.head_branch),
      head_sha: clean(document.head_sha),
      event: clean(document.event),
      workflow: clean(document.name),
    }),
    attempt: integer(document.run_attempt, '', []),
    jobs: jobs.map((job) => ({ id: text(job.id), name: clean(job.name), worker: workerOf(job, clean) })),
  };
}

function workerOf(
  job: JsonObject,
  clean: (value: Json | undefined) => string | undefined,
): Worker | undefined {
  const machine = clean(job.runner_machine_name);
  return orNothing({
    name: clean(job.runner_name) ?? machine,
    host: machine !== undefined && HOST.test(machine) ? machine : undefined,
    cluster: clean(job.cluster_name),
    environment: clean(job.environment_type),
    egress_policy: clean(job.harden_runner_egress_policy),
  });
}

/** GitHub's own runners are named like `GitHub Actions 12`, a name that many machines share. */
const HOST = /^[\w.-]+$/;

/**
 * The runner of a detection's job. Jobs of another attempt ran on other machines. A numeric job id must match a job
 * in the document; a name counts only if exactly one job has it.
 */
export function workerFor(
  { jobs, attempt }: RunDetails,
  { job_id: id, job, job_name: name, run_attempt: own }: JsonObject,
): Worker | undefined {
  const tried = integer(own, '', []);
  if (attempt !== undefined && tried !== undefined && attempt !== tried) return undefined;
  const wanted = text(id);
  if (wanted !== undefined && /^\d+$/.test(wanted)) return jobs.find((one) => one.id === wanted)?.worker;
  const called = text(job) ?? text(name);
  const same = called === undefined ? [] : jobs.filter((one) => one.name === called);
  return same.length === 1 ? same[0]?.worker : undefined;
}

/** The run's document takes precedence over what the row of a list said. */
export function mergeFacts(told: RunFacts | undefined, known: RunFacts | undefined): RunFacts | undefined {
  if (told === undefined || known === undefined) return known ?? told;
  return {
    actor: known.actor ?? told.actor,
    branch: known.branch ?? told.branch,
    head_sha: known.head_sha ?? told.head_sha,
    event: known.event ?? told.event,
    workflow: known.workflow ?? told.workflow,
  };
}
