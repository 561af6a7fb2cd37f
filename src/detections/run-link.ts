import type { Json } from '../contracts/types.ts';
import { text } from './scalars.ts';

/** Only the link's query is trusted: in the vendor's samples its path points at an unrelated run. */
export function attemptOf(link: Json | undefined): number | undefined {
  if (typeof link !== 'string') return undefined;
  const match = /[?&]run_?[aA]ttempt=(\d{1,6})(?:&|#|$)/.exec(link);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

/** The page of a run, whose id must be digits. */
export function runUrlOf(repoUrl: string | undefined, runId: Json | undefined): string | undefined {
  const id = text(runId);
  if (repoUrl === undefined || id === undefined || !/^\d+$/.test(id)) return undefined;
  return `${repoUrl}/actions/runs/${id}`;
}

/** The page of a job in such a run. */
export function jobUrlOf(runUrl: string | undefined, jobId: Json | undefined): string | undefined {
  const id = text(jobId);
  return runUrl === undefined || id === undefined || !/^\d+$/.test(id) ? undefined : `${runUrl}/job/${id}`;
}

/** The number of the pull or merge request whose page this is. */
export function changeIdOf(page: Json | undefined): string | undefined {
  if (typeof page !== 'string') return undefined;
  return /\/(?:pull|pullrequest|merge_requests)\/(\d{1,19})(?:[/?#]|$)/.exec(page)?.[1];
}
