import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ReceiveOptions } from '../config/receive.ts';
import { messageOf } from '../contracts/errors.ts';
import type { Log } from '../contracts/types.ts';
import { type Budget, readBody } from './body.ts';
import type { Clients } from './clients.ts';
import type { Committer } from './committer.ts';
import { contentOf } from './content.ts';
import type { Counts } from './counts.ts';
import type { QuietLog } from './quiet.ts';
import type { Secrets } from './secrets.ts';

/** The answers to senders; they contain nothing of the request. */
const WORDS: Readonly<Record<number, string>> = {
  200: 'stored',
  401: 'the secret is missing or wrong',
  403: 'this address may not send',
  404: 'not found',
  405: 'use POST',
  413: 'the body is too large',
  500: 'failed, send it again',
  503: 'cannot store now, send it again',
};

/** Seconds before a sender should try again. */
const RETRY_AFTER = '10';
/** A refused body up to this size is read and discarded, so that the connection can be reused. */
const DRAINED_BYTES = 64 * 2 ** 10;

export interface AnswerOptions {
  readonly options: Pick<ReceiveOptions, 'path' | 'body_bytes' | 'insights' | 'access_log'>;
  readonly secrets: Secrets;
  readonly clients: Clients;
  readonly committer: Committer;
  readonly budget: Budget;
  readonly counts: Counts;
  readonly took: (seconds: number) => void;
  readonly log: Log;
  readonly quiet: QuietLog;
  /** Whether it is about to end: connections are then closed with their answer. */
  readonly isStopping: () => boolean;
}

/** The result of a request. `reason` is for the log. */
interface Verdict {
  readonly status: number;
  readonly reason?: string;
  readonly bytes?: number;
}

type Answer = (request: IncomingMessage, response: ServerResponse, invite?: () => void) => void;

/**
 * Answers requests. Anything that can be refused is refused before its body is read; `invite` asks for a body that
 * the sender holds back (`Expect: 100-continue`). 2xx only once the body is durable.
 */
export function createAnswer(to: AnswerOptions): Answer {
  const answer = async (...[request, response, invite]: Parameters<Answer>): Promise<void> => {
    const began = performance.now();
    const client = to.clients.addressOf(request);
    // A connection that breaks is not our error: a stored body stays stored.
    response.on('error', () => undefined);
    const verdict = await judge(to, request, client, invite).catch(
      (bug: unknown): Verdict => ({ status: 500, reason: messageOf(bug) }),
    );
    const status = statusOf(response, verdict);
    if (status !== 499 && !response.headersSent) send(request, response, status, to.isStopping());
    const seconds = (performance.now() - began) / 1_000;
    to.counts.answered(status);
    to.took(seconds);
    report(to, request, { ...verdict, status, client, ms: Math.round(seconds * 1_000) });
  };
  return (...args) => void answer(...args);
}

/**
 * The status of the answer. The server itself may have answered, for example a sender that is too slow; or the
 * sender is gone.
 */
function statusOf(response: ServerResponse, { status }: Verdict): number {
  if (response.headersSent) return response.statusCode;
  return response.destroyed ? 499 : status;
}

/** Logs nothing from the request; even the method could be any text. */
function report(
  { options, log, quiet }: AnswerOptions,
  { method }: IncomingMessage,
  fields: Verdict & { readonly client: string | undefined; readonly ms: number },
): void {
  const { status, reason } = fields;
  if (status === 500) log.error({ reason }, 'a request could not be answered');
  if (options.access_log)
    log.info({ ...fields, method: method === 'POST' ? 'POST' : 'other' }, 'a request was answered');
  else if (status === 503)
    quiet('error', `503 ${reason}`, { reason }, 'requests cannot be stored and are answered with 503');
  else if (status >= 400) quiet('warn', String(status), { ...fields }, 'a request was refused');
}

async function judge(
  { options, secrets, clients, committer, budget, counts }: AnswerOptions,
  request: IncomingMessage,
  client: string | undefined,
  invite: (() => void) | undefined,
): Promise<Verdict> {
  if (!clients.isAllowed(client)) return { status: 403 };
  if (request.url?.split('?', 1)[0] !== options.path) return { status: 404 };
  if (request.method !== 'POST') return { status: 405 };
  if (!secrets.accepts(request.headers)) return { status: 401 };
  if ((declaredBytes(request) ?? 0) > options.body_bytes) return { status: 413 };
  invite?.();
  const body = await readBody(request, options.body_bytes, budget);
  if (body.is === 'refused') return body;
  const bytes = body.bytes.length;
  try {
    const content = contentOf(body.bytes);
    const isDropped = content.is === 'insights' && options.insights === 'drop';
    if (content.is !== 'empty' && !isDropped) await committer.commit(body.bytes, content);
    counts.accepted(isDropped ? 'insights_dropped' : content.is, bytes);
    return { status: 200, bytes };
  } catch (error) {
    return { status: 503, reason: messageOf(error), bytes };
  } finally {
    body.done();
  }
}

function send(request: IncomingMessage, response: ServerResponse, status: number, isStopping: boolean): void {
  const text = `${WORDS[status]}\n`;
  const isRead = request.complete;
  const drains = isRead || (declaredBytes(request) ?? Number.POSITIVE_INFINITY) <= DRAINED_BYTES;
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'x-content-type-options': 'nosniff',
    ...(status === 405 && { allow: 'POST' }),
    ...(status === 503 && { 'retry-after': RETRY_AFTER }),
    ...((!drains || isStopping) && { connection: 'close' }),
  });
  response.end(request.method === 'HEAD' ? undefined : text);
  if (!isRead && drains) request.resume();
}

/** Undefined for a body without a declared length. */
function declaredBytes({ headers }: IncomingMessage): number | undefined {
  const length = headers['content-length'];
  if (length !== undefined) return Number(length);
  return headers['transfer-encoding'] === undefined ? 0 : undefined;
}
