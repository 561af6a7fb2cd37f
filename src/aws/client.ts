import { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { type Agents, createAgents } from '../net/agents.ts';
import { explained } from '../net/tls-port.ts';
import { rememberPassingSecret } from '../text/own-secrets.ts';
import type { Connection, S3Connection } from './connection.ts';
import { cleanEnvironment } from './environment.ts';
import { watchFlow } from './flow.ts';
import { createSendGet, type GetRequest, type SendGet } from './get.ts';
import { type Timeouts, timeoutsOf } from './timeouts.ts';

type Provider = ReturnType<typeof import('@aws-sdk/credential-providers').fromTemporaryCredentials>;

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
): RequestHandler {
  return new RequestHandler(createAgents({ caFile: connection.ca_file }), timeouts, signal);
}

/**
 * Node's handler, but its errors say when a port speaks TLS, and a reply that stalls is ended. It also sends GETs that
 * the SDK did not make, on the same sockets.
 */
class RequestHandler extends NodeHttpHandler {
  readonly #agents: Agents;
  readonly #signal: AbortSignal | undefined;
  readonly #watch: (body: Readable) => void;
  readonly #send: SendGet;
  constructor(agents: Agents, timeouts: Timeouts, signal: AbortSignal | undefined) {
    super({
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
    this.#agents = agents;
    this.#signal = signal;
    this.#watch = watchFlow(timeouts);
    this.#send = createSendGet(agents, timeouts, this.#watch);
  }
  override async handle(...[request, how]: Parameters<NodeHttpHandler['handle']>) {
    try {
      rememberSession(request);
      const abortSignal = how?.abortSignal ?? this.#signal;
      const reply = await super.handle(request, { ...how, ...(abortSignal && { abortSignal }) });
      if (reply.response.body instanceof Readable) this.#watch(reply.response.body);
      return reply;
    } catch (error) {
      throw await this.#explained(error, request);
    }
  }
  async get(...[request, signal]: Parameters<SendGet>) {
    try {
      rememberSession(request);
      return await this.#send(request, signal);
    } catch (error) {
      throw signal.aborted ? error : await this.#explained(error, request);
    }
  }
  /** The SDK's own knows the agents only after its first request. */
  override destroy(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }
  async #explained(error: unknown, { protocol, hostname, port }: Address): Promise<unknown> {
    const url = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`;
    if (!URL.canParse(url)) return error;
    return explained(error, new URL(url), this.#agents.direct(new URL(url)));
  }
}

type Address = Pick<GetRequest, 'protocol' | 'hostname' | 'port'>;

/** From any provider. The secret key itself is never sent, so no server can quote it. */
function rememberSession({ headers }: Pick<GetRequest, 'headers'>): void {
  const session = headers['x-amz-security-token'];
  if (session !== undefined) rememberPassingSecret(session);
}

function assumeRole(connection: Connection, requestHandler: RequestHandler): Provider | undefined {
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

/** Sends GETs that the SDK did not make on the sockets of a client that `createS3Client` made. */
export function sendGetOf({ config }: S3Client): SendGet {
  const handler: unknown = config.requestHandler;
  if (!(handler instanceof RequestHandler)) throw new Error('not a client of createS3Client');
  return (request, signal) => handler.get(request, signal);
}
