import type { JsonObject } from '../contracts/types.ts';
import { text } from './scalars.ts';

const APP = 'https://app.stepsecurity.io/github';
/** Matches a path segment that needs no escaping, including the `::` of a GHES owner. */
const SEGMENT = /^[\w.:-]+$/;

/**
 * The page of a row's run in the vendor's console, for API lists that give no link: built the way the vendor's own
 * client builds it. Its path says GitHub, which a payload without a link does not.
 */
export function appLinkOf({ owner, repo, run_id: run }: JsonObject): string | undefined {
  const name = (text(repo) ?? '').split('/').at(-1) ?? '';
  const id = text(run) ?? '';
  const segments = [text(owner) ?? '', name];
  if (!segments.every((one) => SEGMENT.test(one)) || !/^\d+$/.test(id)) return undefined;
  return `${APP}/${segments.join('/')}/actions/runs/${id}`;
}

/** The page of an incident, as in the export's links. */
export function incidentLinkOf(owner: string, id: string): string | undefined {
  if (!SEGMENT.test(owner) || !SEGMENT.test(id)) return undefined;
  return `${APP}/${owner}/threat-center/incidents/${id}`;
}
