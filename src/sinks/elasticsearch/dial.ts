import { RetryableError, UnavailableError } from '../../contracts/errors.ts';
import type { Json, JsonObject } from '../../contracts/types.ts';
import { type Cluster, openCluster } from './cluster.ts';
import { connect } from './connect.ts';
import { isAbsent, translate } from './failures.ts';
import type { ElasticsearchOptions } from './options.ts';

/** A cluster for an operator who is waiting: one attempt for everything; a passing failure is an `UnavailableError`. */
export interface Line {
  readonly cluster: Cluster;
  /** The reply's body; undefined for a 404. */
  readonly ask: (
    method: 'GET' | 'PUT' | 'POST',
    path: string,
    body?: JsonObject,
  ) => Promise<Json | undefined>;
  readonly close: () => void;
}

/** Connects for `check` and `setup`. Throws as `openSession` does. */
export async function dial(options: ElasticsearchOptions, signal: AbortSignal): Promise<Line> {
  const connected = await connect(options, signal).catch(lasting);
  const cluster = await openCluster(connected, signal).catch((error: unknown) => {
    connected.close();
    return lasting(error);
  });
  const ask: Line['ask'] = async (method, path, body) => {
    const [pathname = path, query] = path.split('?');
    try {
      return await cluster.client.transport.request<Json>(
        {
          method,
          path: pathname,
          ...(query !== undefined && { querystring: query }),
          ...(body !== undefined && { body }),
        },
        { signal },
      );
    } catch (error) {
      if (isAbsent(error)) return undefined;
      return lasting(translate(error, `${method} ${pathname}`, signal));
    }
  };
  return { cluster, ask, close: connected.close };
}

function lasting(error: unknown): never {
  throw error instanceof RetryableError ? new UnavailableError(error.message, { cause: error }) : error;
}
