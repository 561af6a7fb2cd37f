import { isObject } from '../contracts/json.ts';
import type { Json, JsonObject } from '../contracts/types.ts';
import { DEFAULT_REDACTOR, type Redactor } from '../redaction/redactor.ts';
import { integer, known, orNothing, text } from './scalars.ts';
import { cutText, LONGEST_NAME } from './short-texts.ts';

/** Of the run as a whole. */
export interface RunFacts {
  /** Login of who started it. */
  readonly actor: string | undefined;
  readonly branch: string | undefined;
  readonly head_sha: string | undefined;
  readonly event: string | undefined;
  /** The workflow's name, as people gave it. */
  readonly workflow: string | undefined;
}

/** What ran a job. */
export interface Worker {
  readonly name: string | undefined;
  /** Name of the machine; absent where it is one that any number of machines share. */
  readonly host: string | undefined;
  readonly cluster: string | undefined;
  /** In the vendor's word, e.g. `ARC`. */
  readonly environment: string | undefined;
  /** Of Harden-Runner in this job: `audit` or `block`. */
  readonly egress_policy: string | undefined;
}

interface Job {
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly worker: Worker | undefined;
}

/** What is kept of a run's own document, which the vendor calls Insights. */
export interface RunDetails {
  readonly facts: RunFacts | undefined;
  readonly attempt: number | undefined;
  readonly jobs: readonly Job[];
}

/** More jobs than a run has: GitHub's matrix ends at 256. */
const MAX_JOBS = 1_000;

/** Reads the document of a run. Nothing else of its many kilobytes is kept, and no secret of what is. */
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

/** GitHub calls its own runners `GitHub Actions 12`, each of which is many machines. */
const HOST = /^[\w.-]+$/;

/**
 * What ran the job of a detection. Of another attempt than the document's, jobs have other machines. Where an id names
 * none of its jobs, nothing is guessed; a name is believed where one job has it.
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

/** What the document of a run says goes before what the row of a list said of it. */
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
