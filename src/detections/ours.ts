import { isObject } from '../contracts/json.ts';
import type { Json } from '../contracts/types.ts';
import type { Change, Policy } from './detection.ts';
import type { RunFacts } from './run-details.ts';
import { list, orNothing, text } from './scalars.ts';

/** What our own API source adds to a row: the change of its state. */
export function readChange(value: Json | undefined): Pick<Change, 'from' | 'to' | 'counter'> | undefined {
  if (!isObject(value)) return undefined;
  const { from, to, counter } = value;
  if (typeof from !== 'string' || typeof to !== 'string' || typeof counter !== 'number') return undefined;
  return { from, to, counter };
}

/** What a policy evaluation says about its run. */
export function readRun(value: Json | undefined): RunFacts | undefined {
  if (!isObject(value)) return undefined;
  return {
    actor: text(value.actor),
    branch: text(value.branch),
    head_sha: text(value.head_sha),
    event: text(value.event),
    workflow: text(value.workflow),
  };
}

/** The outcome of a policy: from its evaluation, otherwise from the payload itself. */
export function readPolicyOutcome(
  value: Json | undefined,
  own: string | undefined,
): Pick<Policy, 'status' | 'names'> | undefined {
  if (value === undefined && own === undefined) return undefined;
  const ours = isObject(value) ? value : {};
  return orNothing({ status: text(ours.status) ?? own, names: list(ours.names) });
}
