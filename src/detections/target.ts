import type { HttpRequest } from './http.ts';

/** Whose repository a request is about, where its path names one. */
export interface Target {
  readonly owner: string;
  /** `owner/name`; absent of a request about the owner alone. */
  readonly repository: string | undefined;
}

/** A path of GitHub's API, without what a GitHub Enterprise Server has before it. */
export function apiPathOf(http: HttpRequest | undefined): string | undefined {
  const { domain, path } = http ?? {};
  if (domain === undefined || path === undefined) return undefined;
  return API_HOST.test(domain) ? path : SERVER_API.exec(path)?.[1];
}

const SEGMENT = '([\\w.-]{1,100})';
/** Of GitHub, and of its clouds of one customer (`api.acme.ghe.com`). */
const API_HOST = /^(?:api|uploads)\.(?:github\.com|[\w-]+\.ghe\.com)$/;
/** What no other forge has before the paths of its API. */
const SERVER_API = /^\/api\/(?:v3|uploads)(\/.*)$/s;
const REPOSITORY = new RegExp(`^/repos/${SEGMENT}/${SEGMENT}(?:/|$)`);
/** Creates a repository, or lists those that are there. */
const ORGANISATION = new RegExp(`^/orgs/${SEGMENT}/repos/?$`);
/** A push or a clone over HTTPS. */
const GIT = new RegExp(`^/${SEGMENT}/${SEGMENT}/(?:info/refs|git-(?:receive|upload)-pack)$`);

/** Of requests to GitHub's API, that of a server of one's own among them, and to its repositories. */
export function targetOf(http: HttpRequest | undefined): Target | undefined {
  const { domain, path } = http ?? {};
  if (domain === undefined || path === undefined) return undefined;
  const asked = apiPathOf(http);
  if (asked !== undefined) return repositoryOf(REPOSITORY.exec(asked)) ?? ownerOf(ORGANISATION.exec(asked));
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
