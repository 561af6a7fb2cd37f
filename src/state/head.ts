import { z } from 'zod';
import { ConfigError } from '../contracts/errors.ts';
import type { Store } from './store.ts';

/** The format this version writes. A state from a newer version is refused, never guessed at. */
const FORMAT = 1;

/** What the state was made for. Each is any text: only compared. */
export interface Fingerprints {
  /** How uids are made: version and mode, e.g. `v2:event_id`. */
  readonly identity: string;
  readonly source: string;
  readonly sink: string;
}

const partSchema = z.object({
  /** Name of the blob that holds it. */
  blob: z.string(),
  sha256: z.string(),
  bytes: z.number().int(),
});

const headSchema = z.object({
  format: z.literal(FORMAT),
  /** Who wrote it: one id per opening. */
  writer: z.string(),
  /** Goes up by one with every save, over all writers. */
  sequence: z.number().int().nonnegative(),
  /** By the writer's clock; only shown. */
  saved: z.string(),
  clean: z.boolean(),
  /** The last pass read everything there was. */
  complete: z.boolean().default(false),
  /** Openings since the last clean end, this one included while it is under way. */
  unclean_runs: z.number().int().nonnegative().default(0),
  /** Upper bound of the documents that were sent beyond what this says, which are sent again and not counted yet. */
  unsettled: z.number().int().nonnegative().default(0),
  /** What was settled may be read again, as `state revisit` asked for: any document may be a repeat. */
  revisits: z.boolean().default(false),
  fingerprints: z.object({ identity: z.string(), source: z.string(), sink: z.string() }),
  totals: z.record(z.string(), z.number().int()),
  parts: z.record(z.string(), partSchema),
});

/** The one commit point of a checkpoint: totals and the names of the current parts. */
export type Head = z.output<typeof headSchema>;
export type HeadPart = z.output<typeof partSchema>;

export const headPath = (name: string): string => `${name}/head.json`;
export const partsPrefix = (name: string): string => `${name}/parts/`;

/**
 * The checkpoint's head as last saved, with its version; undefined when there is none. Throws `ConfigError` for a head
 * of another format or a damaged one. Takes no lease and changes nothing: `state show`, the doctor and dry runs use it.
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
      `${where} has format ${format.data.format}, this version knows ${FORMAT}: upgrade, or ${CHOICES}`,
    );
  const head = headSchema.safeParse(json);
  if (!head.success) throw new ConfigError(`${where} is damaged; ${CHOICES}`, { cause: head.error });
  return { head: head.data, version: stored.version };
}

export const encodeHead = (head: Omit<Head, 'format'>): Buffer =>
  Buffer.from(`${JSON.stringify({ format: FORMAT, ...head })}\n`);

const CHOICES =
  'give the state another name, or drop this one with `stepsecurity-siem state forget` and start anew';

/** Throws `ConfigError` naming what changed when a state was made for something else. */
export function compareFingerprints(where: string, saved: Fingerprints, now: Fingerprints): void {
  const changed = (['identity', 'source', 'sink'] as const).filter((key) => saved[key] !== now[key]);
  if (changed.length === 0) return;
  const detail = changed.map((key) => `${key} (was ${saved[key]}, is ${now[key]})`).join(', ');
  if (versionOf(saved.identity) !== versionOf(now.identity))
    throw new ConfigError(
      `${where} was made for another ${detail}: this version gives the same detections other uids than the version that made it. Let the data stream or index be empty, or name another one, and ${CHOICES}; starting anew reads and sends again what was sent before, under the new uids`,
    );
  const choices =
    changed.join() === 'sink'
      ? `go on with this one by \`stepsecurity-siem state adopt\`, ${CHOICES}`
      : CHOICES;
  throw new ConfigError(
    `${where} was made for another ${detail}. Restore the old configuration, ${choices}; starting anew reads and sends again what was sent before`,
  );
}

/** `v2` of `v2:event_id`; what has none is older than versions. */
function versionOf(identity: string): string {
  const colon = identity.indexOf(':');
  return identity.slice(0, Math.max(colon, 0));
}

/** Removes a checkpoint, head first so that no reader finds parts missing. The caller holds the lease. */
export async function forgetCheckpoint(store: Store, name: string): Promise<void> {
  await store.remove(headPath(name));
  for await (const blob of store.list(partsPrefix(name))) await store.remove(blob);
}
