import { objectId } from '../../objects/identity.ts';
import type { ObjectRef } from '../../objects/object.ts';
import { waitFor } from '../../objects/waiting.ts';
import type { Held } from './holdings.ts';

/**
 * What became of an object: everything was acked, or it is gone (`done`); it was rewritten since its event and has to
 * be looked up again (`changed`); or it could not be read (`unreadable`).
 */
export type ObjectEnd = 'done' | 'changed' | 'unreadable';

/** A message ends like the worst of its objects. */
const ORDER: readonly ObjectEnd[] = ['done', 'changed', 'unreadable'];

interface Job {
  readonly held: Held;
  /** Its objects that are not settled. */
  open: number;
  end: ObjectEnd;
}

/** Which messages are waiting for which objects. */
export interface Work {
  /**
   * Records what a message asks for, and returns the objects that have to be read for it, without those already being
   * read.
   */
  begin(held: Held, refs: readonly ObjectRef[]): ObjectRef[];
  finish(ref: ObjectRef, end: ObjectEnd): void;
  /** Resolves when no object is being processed, or when `signal` is aborted. */
  idle(signal: AbortSignal): Promise<void>;
  /** Resolves when no object over `largeBytes` is being processed, or when `signal` is aborted. */
  quiet(signal: AbortSignal): Promise<void>;
}

/** `ended` is called once per message, when the last of its objects is settled. */
export function createWork(largeBytes: number, ended: (held: Held, end: ObjectEnd) => void): Work {
  const objects = new Map<string, { readonly ref: ObjectRef; readonly jobs: Job[] }>();
  let large = 0;
  const waiting: (() => void)[] = [];
  const waitingForAll: (() => void)[] = [];
  return {
    begin(held, refs) {
      const job: Job = { held, open: refs.length, end: 'done' };
      if (refs.length === 0) ended(held, 'done');
      const fresh: ObjectRef[] = [];
      for (const ref of refs) {
        const id = objectId(ref);
        const known = objects.get(id);
        if (known !== undefined) {
          known.jobs.push(job);
          continue;
        }
        objects.set(id, { ref, jobs: [job] });
        if (ref.size > largeBytes) large += 1;
        fresh.push(ref);
      }
      return fresh;
    },
    finish(ref, end) {
      const id = objectId(ref);
      const jobs = objects.get(id)?.jobs ?? [];
      if (objects.delete(id) && ref.size > largeBytes) large -= 1;
      for (const job of jobs) {
        job.open -= 1;
        if (ORDER.indexOf(end) > ORDER.indexOf(job.end)) job.end = end;
        if (job.open === 0) ended(job.held, job.end);
      }
      if (objects.size === 0) for (const wake of waitingForAll.splice(0)) wake();
      if (large > 0) return;
      for (const wake of waiting.splice(0)) wake();
    },
    async idle(signal) {
      if (objects.size === 0) return;
      const settled = new Promise<void>((resolve) => waitingForAll.push(resolve));
      await waitFor(settled, signal, undefined);
    },
    async quiet(signal) {
      if (large === 0) return;
      const settled = new Promise<void>((resolve) => waiting.push(resolve));
      await waitFor(settled, signal, undefined);
    },
  };
}
