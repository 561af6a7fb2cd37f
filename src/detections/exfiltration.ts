import type { AttackRef } from './attack.ts';
import type { HttpRequest } from './http.ts';
import { apiPathOf, type Target } from './target.ts';

/** One object each, so that a kind's techniques combined with it can be cached. */
const TO_REPOSITORY: AttackRef = { tactic: 'TA0010', technique: 'T1567.001' };
const TO_STORAGE: AttackRef = { tactic: 'TA0010', technique: 'T1567.002' };
const TO_TEXT_SITE: AttackRef = { tactic: 'TA0010', technique: 'T1567.003' };
const TO_WEBHOOK: AttackRef = { tactic: 'TA0010', technique: 'T1567.004' };

const WRITES = new Set(['POST', 'PUT', 'PATCH']);
/** Git posts what it has and wants in order to receive data: a clone or a fetch, which exfiltrates nothing. */
const FETCH = /\/git-upload-pack$/;
/** Creates a gist, or a repository of the token's owner. */
const NEW_PLACE = /^\/(?:gists|user\/repos)(?:\/|$)/;

/** Services by host, including its subdomains. */
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
 * The exfiltration that a writing request suggests: to a repository of another owner, a gist, a site for texts or
 * files, a webhook. Writes to the owner's own repositories are normal for workflows.
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
