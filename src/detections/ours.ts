import { isObject } from '../contracts/json.ts';
import type { Json } from '../contracts/types.ts';
import type { Change, Detection } from './detection.ts';
import { text } from './scalars.ts';

/** What our own API source adds to a row: the change of its state. */
export function readChange(value: Json | undefined): Pick<Change, 'from' | 'to' | 'counter'> | undefined {
  if (!isObject(value)) return undefined;
  const { from, to, counter } = value;
  if (typeof from !== 'string' || typeof to !== 'string' || typeof counter !== 'number') return undefined;
  return { from, to, counter };
}

/** And the details of its run, where they were asked for. */
export function readRun(value: Json | undefined): Detection['run'] {
  if (!isObject(value)) return undefined;
  return {
    actor: text(value.actor),
    branch: text(value.branch),
    head_sha: text(value.head_sha),
    event: text(value.event),
  };
}

/** A policy that is only tried out: the evaluation says that it would have blocked, and let the run go on. */
export function isDryRun(policy: Json | undefined): boolean {
  return isObject(policy) && policy.status === 'DryRunBlocked';
}
