import type { JsonObject } from '../contracts/types.ts';
import { DEFAULT_REDACTOR, type Redactor } from '../redaction/redactor.ts';
import { type RunDetails, readRunDocument } from './run-details.ts';
import { text } from './scalars.ts';
import { subjectOf } from './subject.ts';

/** What is known of runs while records are read: from Insights documents that came by, and from whoever was asked. */
export interface Runs {
  /** Keeps what an Insights document says. Detections that were decoded before it stay as they are. */
  note(document: JsonObject): void;
  /** What was answered about a run: undefined where nobody knows it. */
  learn(key: string, document: JsonObject | undefined): void;
  /** Whether there is no need to ask. */
  has(key: string): boolean;
  find(key: string): RunDetails | undefined;
  isEmpty(): boolean;
  /** How many are held at most. */
  readonly capacity: number;
}

/** So many jobs to a run, on average: few have more, and a run of a thousand takes the place of others. */
const JOBS_PER_RUN = 20;

/** Holds `capacity` runs; the oldest gives way. */
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
 * One key for a run, however its repository is spelt. Only the runs of one server have different ids, so the repository is
 * a part of it. Undefined for what is no run.
 */
export function runKey(owner: string, repo: string, id: string | undefined): string | undefined {
  if (id === undefined || owner === '' || repo === '' || !/^\d+$/.test(id)) return undefined;
  return `${owner}/${repo.slice(repo.lastIndexOf('/') + 1)}#${id}`.toLowerCase();
}
