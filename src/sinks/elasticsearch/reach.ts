import type { Client } from '@elastic/elasticsearch';
import { ConfigError } from '../../errors.ts';
import type { Reach } from '../../types.ts';
import { hasStatus, NotUnderstoodError, translate } from './failures.ts';
import { streamName } from './options.ts';

const DAY_MS = 86_400_000;
const UNIT_MS: Record<string, number> = { d: DAY_MS, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/**
 * How far back the streams of a namespace go: to the creation of their oldest backing index, or as long as they are
 * kept, whichever is less. Undefined when there is no stream. Throws as `translate` says.
 */
export async function reachOf(
  client: Client,
  namespace: string,
  signal: AbortSignal,
): Promise<Reach | undefined> {
  const name = streamName('*', namespace);
  const fail = (error: unknown): never => {
    throw translate(error, `reading the data streams ${name}`, signal);
  };
  const { data_streams: streams } = await client.indices
    .getDataStream({ name, expand_wildcards: 'all' }, { signal })
    .catch(fail);
  let reach: Reach | undefined;
  for (const stream of streams) {
    const oldest = stream.indices[0]?.index_name;
    if (oldest === undefined) continue;
    const settings = await client.indices
      .getSettings({ index: oldest, name: 'index.creation_date', flat_settings: true }, { signal })
      .catch(fail);
    const created: unknown = Object.values(settings)[0]?.settings?.['index.creation_date'];
    let own: Reach = { since: Number(created ?? 0), why: `the oldest backing index is ${oldest}` };
    const kept =
      stream.ilm_policy !== undefined && (stream.lifecycle === undefined || stream.prefer_ilm)
        ? await deletedAfter(client, stream.ilm_policy, signal)
        : durationMs(stream.lifecycle?.data_retention);
    if (kept !== undefined && Date.now() - kept > own.since) {
      own = { since: Date.now() - kept, why: `${stream.name} is kept for ${Math.round(kept / DAY_MS)} days` };
    }
    if (reach === undefined || own.since < reach.since) reach = own;
  }
  return reach;
}

/** Of a lifecycle policy; undefined when it deletes nothing, is gone, or may not be read. */
async function deletedAfter(
  client: Client,
  policy: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    const reply = await client.ilm.getLifecycle({ name: policy }, { signal });
    return durationMs(reply[policy]?.policy.phases.delete?.min_age);
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    const meaning = translate(error, `reading the lifecycle policy ${policy}`, signal);
    if (meaning instanceof ConfigError || meaning instanceof NotUnderstoodError) return undefined;
    throw meaning;
  }
}

function durationMs(value: unknown): number | undefined {
  const match = /^(\d+)(d|h|m|s|ms)$/.exec(String(value));
  return match === null ? undefined : Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? 0);
}
