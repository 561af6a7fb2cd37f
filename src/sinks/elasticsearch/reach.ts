import type { Client, estypes } from '@elastic/elasticsearch';
import { ConfigError } from '../../contracts/errors.ts';
import type { Reach } from '../../contracts/types.ts';
import { DAY_MS } from '../../contracts/units.ts';
import { isAbsent, translate } from './failures.ts';
import { streamName } from './options.ts';
import { NotUnderstoodError } from './statuses.ts';

/** The name of a backing index ends in its generation, which starts at 1. */
const FIRST = /-0*1$/;
const UNIT_MS: Record<string, number> = { d: DAY_MS, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/**
 * The time since when every stream of a namespace has everything it was given. Of several streams, the one that goes
 * back least far decides; otherwise what it deleted would count as missing. A stream that still has its first backing
 * index, and is younger than its retention, has deleted nothing. Undefined if that is true of all streams, or if there
 * is none. Manual deletions cannot be seen. Throws as `translate` does.
 */
export async function reachOf(
  client: Client,
  namespace: string,
  signal: AbortSignal,
): Promise<Reach | undefined> {
  const name = streamName('*', namespace);
  const { data_streams: streams } = await client.indices
    .getDataStream({ name, expand_wildcards: 'all' }, { signal })
    .catch((error: unknown) => {
      throw translate(error, `reading the data streams ${name}`, signal);
    });
  const reaches = await Promise.all(streams.map((stream) => reachOfStream(client, stream, signal)));
  return reaches
    .filter((reach) => reach !== undefined)
    .reduce<Reach | undefined>(
      (least, reach) => (least && least.since >= reach.since ? least : reach),
      undefined,
    );
}

async function reachOfStream(
  client: Client,
  stream: estypes.IndicesDataStream,
  signal: AbortSignal,
): Promise<Reach | undefined> {
  const oldest = stream.indices[0]?.index_name;
  if (oldest === undefined) return undefined;
  const settings = await client.indices
    .getSettings({ index: oldest, name: 'index.creation_date', flat_settings: true }, { signal })
    .catch((error: unknown) => {
      throw translate(error, `reading the settings of ${oldest}`, signal);
    });
  const created = Number(Object.values(settings)[0]?.settings?.['index.creation_date'] ?? 0);
  const kept =
    stream.ilm_policy !== undefined && (stream.lifecycle === undefined || stream.prefer_ilm)
      ? await deletedAfter(client, stream.ilm_policy, signal)
      : durationMs(stream.lifecycle?.data_retention);
  const begins = kept === undefined ? 0 : Date.now() - kept;
  if (begins > created)
    return { since: begins, why: `${stream.name} is kept for ${Math.round((kept ?? 0) / DAY_MS)} days` };
  if (FIRST.test(oldest)) return undefined;
  return { since: created, why: `the oldest remaining backing index of ${stream.name} is ${oldest}` };
}

/** The delete age of a lifecycle policy; undefined if it deletes nothing, is gone, or may not be read. */
async function deletedAfter(
  client: Client,
  policy: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    const reply = await client.ilm.getLifecycle({ name: policy }, { signal });
    return durationMs(reply[policy]?.policy.phases.delete?.min_age);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    const meaning = translate(error, `reading the lifecycle policy ${policy}`, signal);
    if (meaning instanceof ConfigError || meaning instanceof NotUnderstoodError) return undefined;
    throw meaning;
  }
}

function durationMs(value: unknown): number | undefined {
  const match = /^(\d+)(d|h|m|s|ms)$/.exec(String(value));
  return match === null ? undefined : Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? 0);
}
