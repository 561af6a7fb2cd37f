import * as z from 'zod';
import { ConfigError } from '../contracts/errors.ts';
import type { Store } from './store.ts';

/** The format this version writes. State from a newer version is refused, never guessed at. */
const FORMAT = 1;

/** What the state was made for. The texts are opaque: they are only compared. */
export interface Fingerprints {
  /** How uids are made: version and mode, for example `v2:event_id`. */
  readonly identity: string;
  readonly source: string;
  readonly sink: string;
}

const partSchema = z.object({
  /** Name of the blob that holds the part. */
  blob: z.string(),
  sha256: z.string(),
  bytes: z.number().int(),
});

const headSchema = z.object({
  format: z.literal(FORMAT),
  /** Who wrote it: each opening has its own id. */
  writer: z.string(),
  /** Goes up by one with every save, across all writers. */
  sequence: z.number().int().nonnegative(),
  /** By the writer's clock; for display only. */
  saved: z.string(),
  clean: z.boolean(),
  /** The last pass read everything there was. */
  complete: z.boolean().default(false),
  /** Openings since the last clean end, including the current one while it is running. */
  unclean_runs: z.number().int().nonnegative().default(0),
  /** Upper bound of documents sent beyond what this head covers; they are sent again, and are not counted yet. */
  unsettled: z.number().int().nonnegative().default(0),
  /** Settled content may be read again, as `state rewind` or `state forget` requested: any document may be a repeat. */
  revisits: z.boolean().default(false),
  fingerprints: z.object({ identity: z.string(), source: z.string(), sink: z.string() }),
  totals: z.record(z.string(), z.number().int()),
  parts: z.record(z.string(), partSchema),
});

/** The single commit point of a checkpoint: the totals and the names of the current parts. */
export type Head = z.output<typeof headSchema>;
export type HeadPart = z.output<typeof partSchema>;

export const headPath = (name: string): string => `${name}/head.json`;
export const partsPrefix = (name: string): string => `${name}/parts/`;

/**
 * The checkpoint's head as last saved, with its version; undefined if there is none. Throws `ConfigError` for a damaged
 * head or one of another format. Takes no lease and changes nothing: `state show`, the doctor and dry runs use it.
 */
export async function readHead(
  store: Store,
  name: string,
): Promise<{ readonly head: Head; readonly version: string } | undefined> {
  const stored = await store.get(headPath(name));
  if (stored === undefined) return undefined;
  const where = `the state ${headPath(name)} in ${store.name}`;
  let json: unknown;
  try {
    json = JSON.parse(stored.bytes.toString());
  } catch (error) {
    throw new ConfigError(`${where} is damaged; ${CHOICES}`, { cause: error });
  }
  const format = z.object({ format: z.number() }).safeParse(json);
  if (format.success && format.data.format !== FORMAT)
    throw new ConfigError(
      `${where} has format ${format.data.format}, but this version only knows ${FORMAT}: upgrade, or ${CHOICES}`,
    );
  const head = headSchema.safeParse(json);
  if (!head.success) throw new ConfigError(`${where} is damaged; ${CHOICES}`, { cause: head.error });
  return { head: head.data, version: stored.version };
}

export const encodeHead = (head: Omit<Head, 'format'>): Buffer =>
  Buffer.from(`${JSON.stringify({ format: FORMAT, ...head })}\n`);

const CHOICES =
  'give the state another name, or drop this one with `stepsecurity-siem state forget` and start over';

/** Throws `ConfigError`, naming what changed, if a state was made for something else. */
export function compareFingerprints(where: string, saved: Fingerprints, now: Fingerprints): void {
  const changed = (['identity', 'source', 'sink'] as const).filter((key) => saved[key] !== now[key]);
  if (changed.length === 0) return;
  const detail = changed.map((key) => `${key} (was ${saved[key]}, is ${now[key]})`).join(', ');
  if (versionOf(saved.identity) !== versionOf(now.identity))
    throw new ConfigError(
      `${where} was made for another ${detail}: this version gives the same detections different uids from the version that made the state. Empty the data stream or index, or use another one, and ${CHOICES}; starting over reads and sends again what was sent before, under the new uids`,
    );
  const choices =
    changed.join() === 'sink' ? `keep this one with \`stepsecurity-siem state adopt\`, ${CHOICES}` : CHOICES;
  throw new ConfigError(
    `${where} was made for another ${detail}. Restore the old configuration, ${choices}; starting over reads and sends again what was sent before`,
  );
}

/** `v2` of `v2:event_id`; an identity without one predates versions. */
function versionOf(identity: string): string {
  const colon = identity.indexOf(':');
  return identity.slice(0, Math.max(colon, 0));
}

/** Removes a checkpoint, head first so that no reader finds parts missing. The caller holds the lease. */
export async function forgetCheckpoint(store: Store, name: string): Promise<void> {
  await store.remove(headPath(name));
  for await (const blob of store.list(partsPrefix(name))) await store.remove(blob);
}
