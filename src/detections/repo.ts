import type { Json, JsonObject } from '../contracts/types.ts';
import { text } from './scalars.ts';

export interface Repo {
  /** `owner/name`. */
  readonly full: string | undefined;
  readonly name: string | undefined;
  /** Its page, for plain github.com owners only. */
  readonly url: string | undefined;
}

/** `repo` is bare or `owner/name`; `owner_repo` is often absent; an owner may hold `::`. */
export function readRepo(payload: JsonObject): Repo {
  const owner = text(payload.owner);
  const repo = text(payload.repo);
  const full = text(payload.owner_repo) ?? text(payload.repository) ?? join(owner, repo);
  if (full === undefined) return { full, name: repo, url: undefined };
  const slash = full.lastIndexOf('/');
  const name = full.slice(slash + 1);
  const hosted = owner?.includes('::') ?? false;
  const plain = !hosted && /^[A-Za-z0-9][A-Za-z0-9-]*\/[\w.-]+$/.test(full);
  return { full, name, url: plain ? `https://github.com/${full}` : undefined };
}

function join(owner: string | undefined, repo: string | undefined): string | undefined {
  if (repo === undefined) return undefined;
  if (repo.includes('/')) return repo;
  return owner === undefined ? undefined : `${owner}/${repo}`;
}

/** The link's first path segment names the forge; in the samples it is always GitHub. */
export function providerOf(link: Json | undefined): string {
  if (typeof link !== 'string' || !link.includes('/gitlab/')) return 'github';
  return /^https:\/\/[^/]+\/gitlab\//.test(link) ? 'gitlab' : 'github';
}

/** Addresses are known of plain GitHub only. */
export function onForge(repo: Repo, provider: string): Repo {
  return provider === 'github' ? repo : { full: repo.full, name: repo.name, url: undefined };
}
