import type { Heartbeat } from '../../contracts/heartbeat.ts';
import type { JsonObject, Sink } from '../../contracts/types.ts';
import type { Direct } from './direct.ts';
import { type ElasticsearchOptions, feedStreamName } from './options.ts';

const ECS_VERSION = '9.4.0';

/** One `create` into a separate data stream; absent if switched off. A conflict means that it is already stored. */
export function createHeartbeat(
  direct: Direct,
  { heartbeat: isWanted, namespace }: Pick<ElasticsearchOptions, 'heartbeat' | 'namespace'>,
): Pick<Sink, 'heartbeat'> {
  if (!isWanted) return {};
  const stream = feedStreamName(namespace);
  return {
    heartbeat: (beat, signal) =>
      direct.request(
        {
          method: 'POST',
          path: `/${stream}/_create/${encodeURIComponent(beat.id)}`,
          content: JSON.stringify(documentOf(beat, namespace)),
          what: `writing to ${stream}`,
          expected: [409],
        },
        signal,
      ),
  };
}

/** In ECS, with the numbers of the ledger under `stepsecurity.feed`. */
export function documentOf(beat: Heartbeat, namespace: string): JsonObject {
  const { started, finished, exitCode, error, lag, counts } = beat;
  return {
    '@timestamp': new Date(finished).toISOString(),
    message: `${beat.configuration}: ${counts.read} read, ${counts.delivered} delivered, exit code ${exitCode}`,
    ecs: { version: ECS_VERSION },
    data_stream: { type: 'metrics', dataset: 'stepsecurity.feed', namespace },
    event: {
      kind: 'metric',
      module: 'stepsecurity',
      dataset: 'stepsecurity.feed',
      outcome: exitCode === 0 ? 'success' : 'failure',
      start: new Date(started).toISOString(),
      end: new Date(finished).toISOString(),
      duration: (finished - started) * 1_000_000,
    },
    agent: { type: 'stepsecurity-siem', version: beat.version },
    host: { hostname: beat.host, name: beat.host },
    ...(error !== undefined && { error: { message: error } }),
    stepsecurity: {
      feed: {
        configuration: beat.configuration,
        command: beat.command,
        source: beat.source,
        sink: beat.sink,
        passes: beat.passes,
        exit_code: exitCode,
        complete: beat.complete,
        ...(lag !== undefined && { lag_seconds: lag }),
        ...counts,
        ...Object.fromEntries(
          Object.entries(beat.lists).map(([name, list]) => [name, list.map((one) => ({ ...one }))]),
        ),
      },
    },
  };
}
