import type { AttackRef } from './attack.ts';
import type { HttpRequest } from './http.ts';
import { apiPathOf, type Target } from './target.ts';

/** Each in one object, so that what a technique makes of a kind's others is remembered. */
const TO_REPOSITORY: AttackRef = { tactic: 'TA0010', technique: 'T1567.001' };
const TO_STORAGE: AttackRef = { tactic: 'TA0010', technique: 'T1567.002' };
const TO_TEXT_SITE: AttackRef = { tactic: 'TA0010', technique: 'T1567.003' };
const TO_WEBHOOK: AttackRef = { tactic: 'TA0010', technique: 'T1567.004' };

const WRITES = new Set(['POST', 'PUT', 'PATCH']);
/** Git sends what it has, and what it wants, to be given a repository: a clone or a fetch, which takes nothing out. */
const FETCH = /\/git-upload-pack$/;
/** Creates a gist, or a repository of whoever the token belongs to. */
const NEW_PLACE = /^\/(?:gists|user\/repos)(?:\/|$)/;

/** Services by host, and all hosts below it. */
const SERVICES: readonly (readonly [readonly string[], AttackRef])[] = [
  [
    [
      'pastebin.com',
      'paste.ee',
      'dpaste.com',
      'dpaste.org',
      'hastebin.com',
      'ghostbin.com',
      'rentry.co',
      'termbin.com',
    ],
    TO_TEXT_SITE,
  ],
  [
    ['transfer.sh', 'file.io', 'gofile.io', 'mega.nz', 'dropboxapi.com', 'anonfiles.com', 'bashupload.com'],
    TO_STORAGE,
  ],
  [['webhook.site', 'requestbin.com', 'pipedream.net', 'hooks.slack.com'], TO_WEBHOOK],
];
const DISCORD = /^\/api\/(?:v\d+\/)?webhooks\//;

/**
 * What a request that writes shows of an exfiltration: to a repository of another owner, to a gist, to a place for texts
 * or files, to a webhook. A write to the owner's own repositories is what workflows do.
 */
export function exfiltrationOf(
  http: HttpRequest | undefined,
  target: Target | undefined,
  owner: string | undefined,
): AttackRef | undefined {
  const { method, domain, path = '' } = http ?? {};
  if (domain === undefined || !WRITES.has(method?.toUpperCase() ?? '')) return undefined;
  if (FETCH.test(path)) return undefined;
  if (target !== undefined)
    return target.owner.toLowerCase() === owner?.toLowerCase() ? undefined : TO_REPOSITORY;
  if (NEW_PLACE.test(apiPathOf(http) ?? '')) return TO_REPOSITORY;
  if (domain === 'gist.github.com') return TO_REPOSITORY;
  if (domain === 'discord.com' || domain === 'discordapp.com')
    return DISCORD.test(path) ? TO_WEBHOOK : undefined;
  return SERVICES.find(([hosts]) =>
    hosts.some((host) => domain === host || domain.endsWith(`.${host}`)),
  )?.[1];
}
