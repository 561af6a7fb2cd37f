import type { Json, JsonObject } from '../contracts/types.ts';
import { isHosted } from './owner.ts';
import { text } from './scalars.ts';

/** Where the code is hosted. OpenTelemetry's `vcs.provider.name` has no name for Azure DevOps yet. */
export type Forge = 'github' | 'gitlab' | 'azure-devops';

/** By the first path segment of a link to the vendor's pages. */
const BY_SEGMENT: Readonly<Record<string, Forge>> = {
  github: 'github',
  gitlab: 'gitlab',
  azure: 'azure-devops',
  'azure-devops': 'azure-devops',
  azure_devops: 'azure-devops',
  azuredevops: 'azure-devops',
  ado: 'azure-devops',
};
const SEGMENT = /^https?:\/\/[^/?#]+\/([^/?#]+)\//;

/** Pages of the forges, on their own hosts and on others. */
const BY_PAGE: readonly (readonly [RegExp, Forge])[] = [
  [/^https?:\/\/github\.com\/|\/pull\/\d/, 'github'],
  [/^https?:\/\/gitlab\.com\/|\/-\/(?:merge_requests|pipelines|jobs)\//, 'gitlab'],
  [/^https?:\/\/(?:dev\.azure\.com|[\w-]+\.visualstudio\.com)\/|\/_git\//, 'azure-devops'],
];

/** What only one of them has in a pipeline's path. */
const BY_PIPELINE: readonly (readonly [RegExp, Forge])[] = [
  // Below `.github/` of this or, for a required workflow, another repository; `dynamic/` is run by GitHub itself.
  [/(?:^|\/)\.github\/|^dynamic\//, 'github'],
  [/\.gitlab-ci\.ya?ml$/, 'gitlab'],
  [/(?:^|\/)azure-pipelines[\w.-]*\.ya?ml$/, 'azure-devops'],
];

const GITHUB_OWNER = /^[A-Za-z0-9][\w-]*$/;
/** `owner/name`: the others allow nested groups. */
const GITHUB_REPOSITORY = /^[A-Za-z0-9][\w-]*\/[\w.-]+$/;

/**
 * The forge of a detection, judged by its link, the page of its check, and its pipeline's path. Without any of
 * these, GitHub if owner and repository are valid there. Undefined if nothing shows it, or if the link names an
 * unknown forge.
 */
export function forgeOf(payload: JsonObject, full: string | undefined): Forge | undefined {
  const segment = SEGMENT.exec(text(payload.html_url) ?? '')?.[1];
  if (segment !== undefined && Object.hasOwn(BY_SEGMENT, segment)) return BY_SEGMENT[segment];
  const page = pageOf(payload.html_url) ?? pageOf(payload.pr_url) ?? pageOf(payload.checks_url);
  if (page !== undefined) return page;
  // The page of a detection does not say where its code is; any other page does, and this forge is unknown.
  if (segment !== undefined && segment !== 'detections') return undefined;
  const path = text(payload.workflow_path);
  // GitHub runs workflows only from these places.
  if (path !== undefined) return find(BY_PIPELINE, path);
  return hasShapeOfGithub(payload, full) ? 'github' : undefined;
}

function pageOf(link: Json | undefined): Forge | undefined {
  return find(BY_PAGE, text(link));
}

function hasShapeOfGithub(payload: JsonObject, full: string | undefined): boolean {
  const owner = text(payload.owner);
  if (owner === undefined && full === undefined) return false;
  if (isHosted(owner)) return true;
  return (
    (owner === undefined || GITHUB_OWNER.test(owner)) && (full === undefined || GITHUB_REPOSITORY.test(full))
  );
}

/** Whether a repository may be on github.com: not if it has a page on another host. */
export function mayBeOnGithub(payload: JsonObject, full: string): boolean {
  const page = text(payload.pr_url) ?? text(payload.checks_url) ?? 'https://github.com/';
  return GITHUB_REPOSITORY.test(full) && /^https?:\/\/github\.com\//.test(page);
}

function find(known: readonly (readonly [RegExp, Forge])[], shown: string | undefined): Forge | undefined {
  return shown === undefined ? undefined : known.find(([pattern]) => pattern.test(shown))?.[1];
}
