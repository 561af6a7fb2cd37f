import type { HttpRequest } from './http.ts';

/** Whose repository a request is about, where its path names one. */
export interface Target {
  readonly owner: string;
  /** `owner/name`; absent of a request about the owner alone. */
  readonly repository: string | undefined;
}

const SEGMENT = '([\\w.-]{1,100})';
const API_HOSTS = new Set(['api.github.com', 'uploads.github.com']);
const REPOSITORY = new RegExp(`^/repos/${SEGMENT}/${SEGMENT}(?:/|$)`);
/** Creates a repository, or lists those that are there. */
const ORGANISATION = new RegExp(`^/orgs/${SEGMENT}/repos/?$`);
/** A push or a clone over HTTPS. */
const GIT = new RegExp(`^/${SEGMENT}/${SEGMENT}/(?:info/refs|git-(?:receive|upload)-pack)$`);

/** Of requests to GitHub's API and to its repositories. */
export function targetOf(http: HttpRequest | undefined): Target | undefined {
  const { domain, path } = http ?? {};
  if (domain === undefined || path === undefined) return undefined;
  if (API_HOSTS.has(domain)) return repositoryOf(REPOSITORY.exec(path)) ?? ownerOf(ORGANISATION.exec(path));
  return domain === 'github.com' ? repositoryOf(GIT.exec(path)) : undefined;
}

function repositoryOf(match: RegExpExecArray | null): Target | undefined {
  const [, owner, name] = match ?? [];
  if (owner === undefined || name === undefined) return undefined;
  return { owner, repository: `${owner}/${name.replace(/\.git$/, '')}` };
}

function ownerOf(match: RegExpExecArray | null): Target | undefined {
  const owner = match?.[1];
  return owner === undefined ? undefined : { owner, repository: undefined };
}
