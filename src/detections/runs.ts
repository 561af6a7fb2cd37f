import type { JsonObject } from '../contracts/types.ts';
import { DEFAULT_REDACTOR, type Redactor } from '../redaction/redactor.ts';
import { type RunDetails, readRunDocument } from './run-details.ts';
import { text } from './scalars.ts';
import { subjectOf } from './subject.ts';

/** What is known about runs while records are read: from Insights documents in the input, and from API requests. */
export interface Runs {
  /** Keeps what an Insights document says. Detections decoded earlier are not updated. */
  note(document: JsonObject): void;
  /** Keeps the answer about a run: undefined if the run is unknown. */
  learn(key: string, document: JsonObject | undefined): void;
  /** Whether the run need not be requested. */
  has(key: string): boolean;
  find(key: string): RunDetails | undefined;
  isEmpty(): boolean;
  /** The most runs that are kept. */
  readonly capacity: number;
}

/**
 * Average number of jobs per run that there is room for: most runs have fewer, and a run of a thousand takes the
 * place of others.
 */
const JOBS_PER_RUN = 20;

/** Keeps up to `capacity` runs; the oldest is dropped first. */
export function createRuns(capacity: number, redactor: Redactor = DEFAULT_REDACTOR): Runs {
  const runs = new Map<string, RunDetails | undefined>();
  let jobs = 0;

  const forget = (key: string): void => {
    jobs -= runs.get(key)?.jobs.length ?? 0;
    runs.delete(key);
  };

  const keep = (key: string, details: RunDetails | undefined): void => {
    forget(key);
    runs.set(key, details);
    jobs += details?.jobs.length ?? 0;
    for (const oldest of runs.keys()) {
      if (runs.size <= capacity && jobs <= capacity * JOBS_PER_RUN) break;
      forget(oldest);
    }
  };

  return {
    note(document) {
      const { owner, repo } = subjectOf(document);
      const key = runKey(owner, repo, text(document.id) ?? text(document.run_id));
      if (key !== undefined) keep(key, readRunDocument(document, redactor));
    },
    learn: (key, document) => keep(key, document && readRunDocument(document, redactor)),
    has: (key) => runs.has(key),
    find: (key) => runs.get(key),
    isEmpty: () => runs.size === 0,
    capacity,
  };
}

/**
 * One key per run, however its repository is spelled. Run ids are unique only within one server, so the repository
 * is part of the key. Undefined if it is not a run.
 */
export function runKey(owner: string, repo: string, id: string | undefined): string | undefined {
  if (id === undefined || owner === '' || repo === '' || !/^\d+$/.test(id)) return undefined;
  return `${owner}/${repo.slice(repo.lastIndexOf('/') + 1)}#${id}`.toLowerCase();
}
