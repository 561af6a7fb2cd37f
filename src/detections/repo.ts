import type { JsonObject } from '../contracts/types.ts';
import { type Forge, forgeOf, mayBeOnGithub } from './forge.ts';
import { isHosted } from './owner.ts';
import { text } from './scalars.ts';

export interface Repo {
  /** `owner/name`. */
  readonly full: string | undefined;
  readonly name: string | undefined;
  /** Absent if the payload does not show a known one. */
  readonly forge: Forge | undefined;
  /** Its page, only for github.com. */
  readonly url: string | undefined;
}

/** `repo` is bare or `owner/name`; `owner_repo` is often absent; an owner may contain `::`. */
export function readRepo(payload: JsonObject): Repo {
  const owner = text(payload.owner);
  const repo = text(payload.repo);
  const full = text(payload.owner_repo) ?? text(payload.repository) ?? join(owner, repo);
  const forge = forgeOf(payload, full);
  if (full === undefined) return { full, name: repo, forge, url: undefined };
  const name = full.slice(full.lastIndexOf('/') + 1);
  const hasPage = forge === 'github' && !isHosted(owner) && !isHosted(full) && mayBeOnGithub(payload, full);
  return { full, name, forge, url: hasPage ? `https://github.com/${full}` : undefined };
}

/** The owner that the payload names; if none, the part before the repository's name. */
export function ownerNameOf(payload: JsonObject, { full }: Repo): string | undefined {
  const owner = text(payload.owner);
  if (owner !== undefined || full === undefined) return owner;
  return full.slice(0, Math.max(full.lastIndexOf('/'), 0)) || undefined;
}

function join(owner: string | undefined, repo: string | undefined): string | undefined {
  if (repo === undefined) return undefined;
  if (repo.includes('/')) return repo;
  return owner === undefined ? undefined : `${owner}/${repo}`;
}
