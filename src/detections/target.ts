import type { HttpRequest } from './http.ts';

/** The owner and repository that a request is about, if its path names them. */
export interface Target {
  readonly owner: string;
  /** `owner/name`; absent if the request is about the owner alone. */
  readonly repository: string | undefined;
}

/** The path of a GitHub API request, without a GitHub Enterprise Server's prefix. */
export function apiPathOf(http: HttpRequest | undefined): string | undefined {
  const { domain, path } = http ?? {};
  if (domain === undefined || path === undefined) return undefined;
  return API_HOST.test(domain) ? path : SERVER_API.exec(path)?.[1];
}

const SEGMENT = '([\\w.-]{1,100})';
/** Hosts of GitHub, and of its single-tenant clouds (`api.acme.ghe.com`). */
const API_HOST = /^(?:api|uploads)\.(?:github\.com|[\w-]+\.ghe\.com)$/;
/** An API path prefix that no other forge has. */
const SERVER_API = /^\/api\/(?:v3|uploads)(\/.*)$/s;
const REPOSITORY = new RegExp(`^/repos/${SEGMENT}/${SEGMENT}(?:/|$)`);
/** Creates a repository, or lists the existing ones. */
const ORGANIZATION = new RegExp(`^/orgs/${SEGMENT}/repos/?$`);
/** A push or a clone over HTTPS. */
const GIT = new RegExp(`^/${SEGMENT}/${SEGMENT}/(?:info/refs|git-(?:receive|upload)-pack)$`);

/** For requests to GitHub's API, including that of a self-hosted server, and to its repositories. */
export function targetOf(http: HttpRequest | undefined): Target | undefined {
  const { domain, path } = http ?? {};
  if (domain === undefined || path === undefined) return undefined;
  const asked = apiPathOf(http);
  if (asked !== undefined) return repositoryOf(REPOSITORY.exec(asked)) ?? ownerOf(ORGANIZATION.exec(asked));
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
