import { messageOf } from '../../contracts/errors.ts';
import { faultOf } from '../../net/fault-of.ts';
import { spoken } from '../../redaction/spoken.ts';

/**
 * The meaning of an HTTP Event Collector's replies. Pure; the rows come from Splunk's documentation and from tests
 * against it.
 */

/** A reply as read from the wire. `json` is undefined if the body is not JSON, whatever its content type says. */
export interface Reply {
  readonly status: number;
  readonly json: unknown;
  readonly retryAfterMs?: number | undefined;
}

export type ReplyVerdict =
  | { readonly act: 'accepted'; readonly ackId: number | undefined }
  /** Temporary. `mayBeIn`: the receiver may have stored some or all of it. */
  | {
      readonly act: 'retry';
      readonly reason: string;
      readonly mayBeIn: boolean;
      readonly retryAfterMs?: number;
    }
  /** The event at `index` in the request is refused; everything before it was stored (unless acks are on). */
  | { readonly act: 'named'; readonly index: number; readonly type: string; readonly reason: string }
  /**
   * Something in the request is refused, but the reply does not say what: halve it. A single event is refused for
   * good.
   */
  | { readonly act: 'bisect'; readonly type: string; readonly reason: string; readonly mayBeIn: boolean }
  /**
   * Something other than a collector answered. If a harmless event gets the same answer, `otherwise` says why and
   * what to fix; if that is accepted, a firewall or proxy objects to one of these events: halve, as with `bisect`.
   */
  | {
      readonly act: 'blocked';
      readonly type: string;
      readonly reason: string;
      readonly otherwise: string;
      readonly mayBeIn: false;
    }
  /** For the operator to fix; nothing may be dead-lettered. */
  | { readonly act: 'config'; readonly reason: string };

export interface Asked {
  /** Events in the request. */
  readonly count: number;
  readonly ack: boolean;
  /** For messages. */
  readonly index: string | undefined;
}

const OK_CODES = new Set([0, 24, 25]);

/** Stops the run: the request as a whole is refused, and every other one would be too. */
function configReason(code: number | undefined, asked: Asked): string | undefined {
  switch (code) {
    case 7:
      return asked.index === undefined
        ? 'index: the token has no valid default index; name one the token may write to'
        : `index: the token may not write to "${asked.index}", or it does not exist`;
    case 10:
      return 'ack: the receiver requires a channel, since its token has indexer acknowledgement on; set ack: true';
    case 11:
      return 'channel: the receiver does not accept it; it must be a GUID';
    case 14:
      return 'ack: indexer acknowledgement is off for this token; set ack: false';
    case 16:
      return 'url: tokens in the query string are off for this receiver';
    default:
      return undefined;
  }
}

const EVENT_CODES: Readonly<Record<number, string>> = {
  6: 'invalid_format',
  12: 'event_missing',
  13: 'event_blank',
  15: 'invalid_fields',
};

function field(json: unknown, name: string): unknown {
  return typeof json === 'object' && json !== null ? (json as Record<string, unknown>)[name] : undefined;
}

/** HEC's codes start at 0 and are small; a gateway's own JSON may repeat the status under the same name. */
const MOST_CODE = 99;

function codeOf(json: unknown): number | undefined {
  const code = wholeNumber(field(json, 'code'));
  return code !== undefined && code <= MOST_CODE ? code : undefined;
}

function wholeNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/**
 * The most of a reply that is quoted. Secrets are masked before it is cut to its final length, since no rule
 * recognizes half a secret.
 */
const LONGEST_QUOTED = 4_096;

/** Splunk's own message, shortened: it never quotes the event. Other messages are left out, since they might. */
function said(reply: Reply): string {
  const text = field(reply.json, 'text');
  const code = codeOf(reply.json);
  if (code === undefined) return `HTTP ${reply.status} without a HEC code: a proxy or gateway?`;
  return `HEC ${reply.status} code ${code}${typeof text === 'string' ? `: ${spoken(text.slice(0, LONGEST_QUOTED)).slice(0, 120)}` : ''}`;
}

function accepted(reply: Reply, asked: Asked): ReplyVerdict {
  const code = codeOf(reply.json);
  if (code === undefined || !OK_CODES.has(code)) return blocked(reply.status);
  const ackId = wholeNumber(field(reply.json, 'ackId'));
  if (asked.ack && ackId === undefined) {
    return {
      act: 'config',
      reason: 'ack: the receiver returns no ackId; set ack: false or turn it on for the token',
    };
  }
  return { act: 'accepted', ackId };
}

function badRequest(reply: Reply, asked: Asked): ReplyVerdict {
  const code = codeOf(reply.json);
  if (code === undefined) return blocked(reply.status);
  const wrong = configReason(code, asked);
  if (wrong !== undefined) return config(wrong);
  const reason = said(reply);
  if (code === 5) return { act: 'retry', reason, mayBeIn: false };
  const type = EVENT_CODES[code] ?? `code_${code}`;
  const index = wholeNumber(field(reply.json, 'invalid-event-number'));
  if (index !== undefined && index < asked.count) return { act: 'named', index, type, reason };
  return { act: 'bisect', type, reason, mayBeIn: true };
}

/**
 * Advice for the case that every request is answered by something other than a collector, by status or its
 * hundreds.
 */
const WAYS: Readonly<Record<number, string>> = {
  2: 'url: answered %s, but not as an HTTP Event Collector does: a login page, or another service',
  3: 'url: answered %s, a redirect, perhaps to the right url or to a login page',
  400: 'url: answered %s, but not by HEC: a gateway in between, perhaps one that breaks the encoding (try compression: none)',
  403: 'url: answered %s, but not by HEC: a firewall or proxy in between refuses us or the token',
  411: 'url: answered %s: a proxy in between drops the Content-Length',
};
const ELSEWHERE = 'url: answered %s: there is no HTTP Event Collector';

function blocked(status: number): ReplyVerdict {
  const way = WAYS[status] ?? WAYS[Math.trunc(status / 100)] ?? ELSEWHERE;
  return {
    act: 'blocked',
    type: `http_${status}`,
    reason: `a proxy or firewall in between, not HEC, answered this event with HTTP ${status}`,
    otherwise: way.replace('%s', String(status)),
    mayBeIn: false,
  };
}

const config = (reason: string): ReplyVerdict => ({ act: 'config', reason });

/**
 * Whether a row applies to every reply with the status, only to HEC's own replies (`hec`), or to all others
 * (`foreign`).
 */
type Words = 'any' | 'hec' | 'foreign';
type Row = readonly [
  from: number,
  to: number,
  words: Words,
  fate: (reply: Reply, asked: Asked) => ReplyVerdict,
];

const PROXY_CREDENTIALS =
  'the proxy requires credentials, or rejects those it was given (407); put user:password@ before the host in the URL of the proxy variable';

const TOO_LARGE =
  'larger than the receiver, or a proxy in between, accepts in one request (HTTP 413); in Splunk, max_content_length in limits.conf';

const refused = (reply: Reply): ReplyVerdict => config(`the token is refused (${said(reply)})`);
const later =
  (mayBeIn: boolean) =>
  (reply: Reply): ReplyVerdict => ({
    act: 'retry',
    reason: said(reply),
    mayBeIn,
    ...(reply.retryAfterMs !== undefined && { retryAfterMs: reply.retryAfterMs }),
  });

/** The outcomes by status; the first row that applies wins, and if none does, something else answered. */
const FATES: readonly Row[] = [
  [200, 299, 'any', accepted],
  [400, 400, 'any', badRequest],
  // Some receivers refuse a token in plain text; any other 403 is a firewall's.
  [401, 401, 'any', refused],
  [403, 403, 'hec', refused],
  [407, 407, 'any', () => config(PROXY_CREDENTIALS)],
  [408, 408, 'any', later(true)],
  [413, 413, 'any', () => ({ act: 'bisect', type: 'too_large', reason: TOO_LARGE, mayBeIn: false })],
  [415, 415, 'any', () => config('compression: the receiver does not accept gzip; set compression: none')],
  [421, 421, 'any', later(false)],
  [425, 425, 'any', later(false)],
  [429, 429, 'any', later(false)],
  // Waiting does not make a server support a method or a version.
  [501, 501, 'foreign', ({ status }) => blocked(status)],
  [505, 505, 'foreign', ({ status }) => blocked(status)],
  // HEC says that it is busy, has full queues or is shutting down before it reads events; a gateway's 5xx does not
  // tell.
  [503, 503, 'hec', later(false)],
  [500, 599, 'any', later(true)],
];

/** What to do after a reply to an event request. */
export function classify(reply: Reply, asked: Asked): ReplyVerdict {
  const { status } = reply;
  const words: Words = codeOf(reply.json) === undefined ? 'foreign' : 'hec';
  const row = FATES.find(
    ([from, to, wanted]) => from <= status && status <= to && (wanted === 'any' || wanted === words),
  );
  return row === undefined ? blocked(status) : row[3](reply, asked);
}

/** What to do if no reply came. `connected`: bytes of the request may have reached the other side. */
export function classifyFailure(error: unknown, connected: boolean): ReplyVerdict {
  const fault = faultOf(error);
  if (fault?.whose === 'operator') return { act: 'config', reason: `url: ${fault.reason}` };
  const reason = fault?.reason ?? messageOf(error);
  return { act: 'retry', reason, mayBeIn: connected };
}

export type AckVerdict =
  | { readonly act: 'answered'; readonly indexed: ReadonlySet<number> }
  | { readonly act: 'retry'; readonly reason: string }
  | { readonly act: 'config'; readonly reason: string };

/** The meaning of a reply from the ack endpoint. */
export function classifyAck(reply: Reply): AckVerdict {
  const { status } = reply;
  const acks = field(reply.json, 'acks');
  if (status === 200 && typeof acks === 'object' && acks !== null) {
    const indexed = new Set<number>();
    for (const [id, told] of Object.entries(acks)) if (told === true) indexed.add(Number(id));
    return { act: 'answered', indexed };
  }
  if (status === 401 || status === 403)
    return { act: 'config', reason: `the token is refused (${said(reply)})` };
  if (status === 408 || status === 429 || status >= 500) return { act: 'retry', reason: said(reply) };
  return { act: 'config', reason: `ack: the receiver offers no indexer acknowledgement (${said(reply)})` };
}
