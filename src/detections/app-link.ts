import type { JsonObject } from '../contracts/types.ts';
import { text } from './scalars.ts';

const APP = 'https://app.stepsecurity.io/github';
/** What makes a segment of a path as it is; of a GHES owner, `::` too. */
const SEGMENT = /^[\w.:-]+$/;

/**
 * The page of a row's run in the vendor's console, for lists of the API that give no link: derived as the vendor's own
 * client derives it. Its paths say that they are of GitHub, which a payload without a link does not.
 */
export function appLinkOf({ owner, repo, run_id: run }: JsonObject): string | undefined {
  const name = (text(repo) ?? '').split('/').at(-1) ?? '';
  const id = text(run) ?? '';
  const segments = [text(owner) ?? '', name];
  if (!segments.every((one) => SEGMENT.test(one)) || !/^\d+$/.test(id)) return undefined;
  return `${APP}/${segments.join('/')}/actions/runs/${id}`;
}

/** The page of an incident, as the export links it. */
export function incidentLinkOf(owner: string, id: string): string | undefined {
  if (!SEGMENT.test(owner) || !SEGMENT.test(id)) return undefined;
  return `${APP}/${owner}/threat-center/incidents/${id}`;
}
