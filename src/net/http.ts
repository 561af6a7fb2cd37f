import { type Agent, type IncomingHttpHeaders, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { messageOf, RetryableError } from '../contracts/errors.ts';
import { faultError, faultOf } from './fault-of.ts';
import { explained } from './tls-port.ts';

const unzip = promisify(gunzip);

export interface HttpRequest {
  /** Default `GET`. */
  readonly method?: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly content?: string | undefined;
  /** The agent handles proxy, CA and keep-alive; without one, Node's own is used. */
  readonly agent?: Agent | undefined;
  /** Whether the agent connects without a proxy. Default `true`. */
  readonly direct?: boolean | undefined;
  /** From the first byte sent to the last byte read. */
  readonly timeoutMs: number;
  /** Maximum bytes of the body, both on the wire and decompressed. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export interface HttpReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Decompressed if it was gzipped. */
  readonly body: Buffer;
}

/** The answer exceeds the limit; asking again would give the same. */
export class ReplyTooLargeError extends Error {
  override name = 'ReplyTooLargeError';
}

/**
 * One request without redirects: a bearer key must not follow a `Location`. Any status counts as a reply. Throws
 * `RetryableError` for passing failures (a timeout, corrupted gzip, faults that the table assigns to the world),
 * `ConfigError` for those it assigns to the operator, `ReplyTooLargeError` over the limit, and the abort reason of
 * `signal`. No message contains a header or a query.
 */
export async function httpRequest(asked: HttpRequest): Promise<HttpReply> {
  const timeout = AbortSignal.timeout(asked.timeoutMs);
  try {
    const { status, headers, raw } = await exchange(asked, AbortSignal.any([asked.signal, timeout]));
    if (headers['content-encoding'] !== 'gzip') return { status, headers, body: raw };
    return { status, headers, body: await unzip(raw, { maxOutputLength: asked.maxBytes }) };
  } catch (error) {
    if (asked.signal.aborted) throw asked.signal.reason;
    throw classified(await explained(error, asked.url, asked.direct ?? true), asked, timeout.aborted);
  }
}

async function exchange(asked: HttpRequest, signal: AbortSignal) {
  const send = asked.url.protocol === 'http:' ? plainRequest : tlsRequest;
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    const request = send(asked.url, {
      method: asked.method ?? 'GET',
      headers: { 'accept-encoding': 'gzip', ...asked.headers },
      signal,
      ...(asked.agent && { agent: asked.agent }),
    });
    // Stays attached after the answer has begun: a late reset must not become an uncaught error.
    request.on('error', reject);
    request.on('response', resolve);
    request.end(asked.content);
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > asked.maxBytes) throw tooLarge(asked);
    chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, headers: response.headers, raw: Buffer.concat(chunks) };
}

function tooLarge(asked: HttpRequest): ReplyTooLargeError {
  return new ReplyTooLargeError(
    `the answer of ${asked.url.host}${asked.url.pathname} is over ${asked.maxBytes} bytes`,
  );
}

function classified(error: unknown, asked: HttpRequest, timedOut: boolean): Error {
  if (error instanceof ReplyTooLargeError) return error;
  const code = codeOf(error);
  if (code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(asked);
  if (timedOut)
    return new RetryableError(`no complete answer within ${asked.timeoutMs} ms`, { cause: error });
  const fault = faultOf(error);
  if (fault !== undefined) return faultError(fault, asked.url.host, error);
  const reason = code ?? messageOf(error);
  return new RetryableError(`no complete answer from ${asked.url.host} (${reason})`, { cause: error });
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
