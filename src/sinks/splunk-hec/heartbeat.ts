import type { Heartbeat } from '../../contracts/heartbeat.ts';
import type { Sink } from '../../contracts/types.ts';
import { classify } from './classify.ts';
import type { Connection } from './connection.ts';
import { seconds } from './envelope.ts';
import type { SplunkHecOptions } from './options.ts';
import { post } from './post.ts';

/** Outside `stepsecurity:harden_runner:*`, so that searches for detections do not find it. */
export const FEED_SOURCETYPE = 'stepsecurity:feed';

/** One event with its own source type; absent if switched off. */
export function createHeartbeat(
  connection: Connection,
  options: SplunkHecOptions,
  name: string,
): Pick<Sink, 'heartbeat'> {
  if (!options.heartbeat) return {};
  return {
    async heartbeat(beat, signal) {
      const body = Buffer.from(`${JSON.stringify(envelopeOf(beat, options))}\n`);
      const reply = await post(connection, body, { name, signal });
      // Not waited for until it is indexed.
      const verdict = classify(reply, { count: 1, ack: false, index: options.index });
      if (verdict.act === 'accepted') return;
      throw new Error(verdict.act === 'blocked' ? verdict.otherwise : verdict.reason);
    },
  };
}

/** `host`, `source` and `index` are Splunk's own fields, so the event's own fields need other names. */
function envelopeOf(beat: Heartbeat, { index }: Pick<SplunkHecOptions, 'index'>): Record<string, unknown> {
  const { started, finished, counts, lists } = beat;
  return {
    time: Number(seconds(finished)),
    host: beat.host,
    source: FEED_SOURCETYPE,
    sourcetype: FEED_SOURCETYPE,
    ...(index !== undefined && { index }),
    event: {
      id: beat.id,
      configuration: beat.configuration,
      version: beat.version,
      command: beat.command,
      feed_source: beat.source,
      feed_sink: beat.sink,
      start_time: Number(seconds(started)),
      duration: (finished - started) / 1_000,
      passes: beat.passes,
      exit_code: beat.exitCode,
      error: beat.error,
      complete: beat.complete,
      lag_seconds: beat.lag,
      ...counts,
      ...lists,
    },
  };
}
