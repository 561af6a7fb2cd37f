import { createAgents } from '../../net/agents.ts';
import { createEndpoint, type Endpoint } from './endpoint.ts';
import type { SplunkHecOptions } from './options.ts';
import { createTransport, type Transport } from './transport.ts';

/** Shared by sending, ack queries and checks: one set of sockets, one cookie jar, one channel. */
export interface Connection {
  readonly endpoint: Endpoint;
  readonly transport: Transport;
  readonly close: () => void;
}

/** Throws `ConfigError` for a bad token or CA file. */
export function connect(options: SplunkHecOptions): Connection {
  const endpoint = createEndpoint(options);
  // Two more than event requests need, so that ack and health requests never wait for events.
  const agents = createAgents({ caFile: options.ca_file, maxSockets: options.request_concurrency + 2 });
  return {
    endpoint,
    transport: createTransport({ agents, timeoutMs: options.request_timeout }),
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}
