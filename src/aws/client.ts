import { S3Client } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { makeAgents } from '../net/agents.ts';
import { explained } from '../net/tls-port.ts';
import type { Connection, S3Connection } from './connection.ts';
import { cleanEnvironment } from './environment.ts';

type Provider = ReturnType<typeof import('@aws-sdk/credential-providers').fromTemporaryCredentials>;

const CONNECT_TIMEOUT_MS = 10_000;
/** Until the response's headers. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Silence on a socket. A body that nobody reads for so long (the sink is away) dies too: its reader opens it again. */
const IDLE_TIMEOUT_MS = 120_000;

// The SDK's notice about the next Node versions would stand between our JSON lines on stderr.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

/** The requests of one client: proxy, CA, keep-alive, timeouts that throw `TimeoutError`. */
function requestHandler(connection: Connection): NodeHttpHandler {
  const agents = makeAgents({ caFile: connection.ca_file });
  return new ExplainingHandler(agents.direct, {
    httpAgent: agents.http,
    httpsAgent: agents.https,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    throwOnRequestTimeout: true,
    socketTimeout: IDLE_TIMEOUT_MS,
    // Nobody reads its warning; but its timer would hold the process up after a request that could not even be made.
    socketAcquisitionWarningTimeout: 1_000,
  });
}

/** Node's handler, whose errors name a port that speaks TLS. */
class ExplainingHandler extends NodeHttpHandler {
  readonly #direct: (url: URL) => boolean;
  constructor(direct: (url: URL) => boolean, options: ConstructorParameters<typeof NodeHttpHandler>[0]) {
    super(options);
    this.#direct = direct;
  }
  override async handle(...args: Parameters<NodeHttpHandler['handle']>) {
    try {
      return await super.handle(...args);
    } catch (error) {
      const { protocol, hostname, port } = args[0];
      const url = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`;
      if (!URL.canParse(url)) throw error;
      throw await explained(error, new URL(url), this.#direct(new URL(url)));
    }
  }
}

function assumeRole(connection: Connection): Provider | undefined {
  const role = connection.assume_role;
  if (role === undefined) return undefined;
  let provider: Provider | undefined;
  return async (context) => {
    if (provider === undefined) {
      // Loaded only by who needs it: the package brings every way to log in.
      const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
      provider = fromTemporaryCredentials({
        params: {
          RoleArn: role.arn,
          RoleSessionName: role.session_name,
          ...(role.external_id !== undefined && { ExternalId: role.external_id }),
        },
        clientConfig: {
          maxAttempts: 1,
          requestHandler: requestHandler(connection),
          ...(connection.region !== undefined && { region: connection.region }),
        },
      });
    }
    return provider(context);
  };
}

/**
 * What any AWS client of ours is made with: one try per call (retries are `retry`'s), the default credential chain or
 * an assumed role, proxy and CA. Throws `ConfigError` for a bad CA file and for a variable of the environment that holds
 * control characters. The client's `destroy()` closes its sockets.
 */
export function clientConfig(connection: Connection) {
  cleanEnvironment(process.env);
  const credentials = assumeRole(connection);
  return {
    maxAttempts: 1,
    requestHandler: requestHandler(connection),
    ...(connection.region !== undefined && { region: connection.region }),
    ...(connection.endpoint !== undefined && { endpoint: connection.endpoint }),
    ...(credentials !== undefined && { credentials }),
  };
}

export function s3Client(connection: S3Connection): S3Client {
  return new S3Client({
    ...clientConfig(connection),
    forcePathStyle: connection.force_path_style,
    // Checksums that S3 does not ask for are refused by many S3-compatible servers.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}
