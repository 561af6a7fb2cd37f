import { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { createAgents } from '../net/agents.ts';
import { explained } from '../net/tls-port.ts';
import { rememberPassingSecret } from '../text/own-secrets.ts';
import type { Connection, S3Connection } from './connection.ts';
import { cleanEnvironment } from './environment.ts';
import { watchFlow } from './flow.ts';

type Provider = ReturnType<typeof import('@aws-sdk/credential-providers').fromTemporaryCredentials>;

/** How long a server may take, in milliseconds. */
interface Timeouts {
  readonly connectMs: number;
  /** Until the reply's head arrives; also the time allowed for each few kilobytes of its body. */
  readonly replyMs: number;
  /**
   * Silence on a socket. A body that is not read for that long (the sink is down) is closed too; its reader opens
   * it again.
   */
  readonly idleMs: number;
}

const CONNECT_MS = 10_000;
const IDLE_MS = 120_000;

function timeoutsOf(replyMs: number): Timeouts {
  // The socket is silent until the reply arrives.
  return { connectMs: Math.min(CONNECT_MS, replyMs), replyMs, idleMs: Math.max(IDLE_MS, 2 * replyMs) };
}

interface ClientOptions {
  /** Ends requests that have no signal of their own: those for credentials. */
  readonly signal?: AbortSignal | undefined;
  /** How long the server itself may wait before it answers, in milliseconds: added to the request's timeout. */
  readonly waitMs?: number;
  readonly timeouts?: Timeouts;
}

// The SDK's notice about future Node versions would appear between our JSON lines on stderr.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

/** Sends the requests of one client: proxy, CA, keep-alive, timeouts that throw `TimeoutError`. */
function requestHandler(
  connection: Connection,
  { signal, waitMs = 0, timeouts = timeoutsOf(connection.request_timeout + waitMs) }: ClientOptions,
): NodeHttpHandler {
  const agents = createAgents({ caFile: connection.ca_file });
  const watch = watchFlow(timeouts.replyMs);
  return new ExplainingHandler(agents.direct, signal, watch, {
    httpAgent: agents.http,
    httpsAgent: agents.https,
    connectionTimeout: timeouts.connectMs,
    requestTimeout: timeouts.replyMs,
    throwOnRequestTimeout: true,
    socketTimeout: timeouts.idleMs,
    // The warning is not used, but with a longer time its timer would delay exit after a request that could not be
    // sent.
    socketAcquisitionWarningTimeout: 1_000,
  });
}

/** Node's handler, but its errors say when a port speaks TLS, and a reply that stalls is ended. */
class ExplainingHandler extends NodeHttpHandler {
  readonly #direct: (url: URL) => boolean;
  readonly #signal: AbortSignal | undefined;
  readonly #watch: (body: Readable) => void;
  constructor(
    direct: (url: URL) => boolean,
    signal: AbortSignal | undefined,
    watch: (body: Readable) => void,
    options: ConstructorParameters<typeof NodeHttpHandler>[0],
  ) {
    super(options);
    this.#direct = direct;
    this.#signal = signal;
    this.#watch = watch;
  }
  override async handle(...[request, how]: Parameters<NodeHttpHandler['handle']>) {
    try {
      // From any provider. The secret key itself is never sent, so no server can quote it.
      const session = request.headers['x-amz-security-token'];
      if (session !== undefined) rememberPassingSecret(session);
      const abortSignal = how?.abortSignal ?? this.#signal;
      const reply = await super.handle(request, { ...how, ...(abortSignal && { abortSignal }) });
      if (reply.response.body instanceof Readable) this.#watch(reply.response.body);
      return reply;
    } catch (error) {
      const { protocol, hostname, port } = request;
      const url = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`;
      if (!URL.canParse(url)) throw error;
      throw await explained(error, new URL(url), this.#direct(new URL(url)));
    }
  }
}

function assumeRole(connection: Connection, requestHandler: NodeHttpHandler): Provider | undefined {
  const role = connection.assume_role;
  if (role === undefined) return undefined;
  let provider: Provider | undefined;
  return async (context) => {
    if (provider === undefined) {
      // Loaded only when needed: the package contains every way to log in.
      const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
      provider = fromTemporaryCredentials({
        params: {
          RoleArn: role.arn,
          RoleSessionName: role.session_name,
          ...(role.external_id !== undefined && { ExternalId: role.external_id }),
        },
        clientConfig: {
          maxAttempts: 1,
          requestHandler,
          ...(connection.region !== undefined && { region: connection.region }),
        },
      });
    }
    return provider(context);
  };
}

/**
 * The configuration for every AWS client of ours: one try per call (`retry` does the retries), the default
 * credential chain or an assumed role, proxy and CA. Throws `ConfigError` for a bad CA file and for an environment
 * variable that contains control characters. The client's `destroy()` closes its sockets.
 */
export function clientConfig(connection: Connection, options: ClientOptions) {
  cleanEnvironment(process.env);
  // Also used for STS: closing the client ends a pending request to it, which would otherwise delay exit.
  const handler = requestHandler(connection, options);
  const credentials = assumeRole(connection, handler);
  return {
    maxAttempts: 1,
    requestHandler: handler,
    ...(connection.region !== undefined && { region: connection.region }),
    ...(connection.endpoint !== undefined && { endpoint: connection.endpoint }),
    ...(credentials !== undefined && { credentials }),
  };
}

export function createS3Client(connection: S3Connection, options: ClientOptions = {}): S3Client {
  return new S3Client({
    ...clientConfig(connection, options),
    forcePathStyle: connection.force_path_style,
    // Many S3-compatible servers refuse checksums that S3 does not require.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}
