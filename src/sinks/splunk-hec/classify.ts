import { faultOf } from '../../net/fault-of.ts';

/** What a reply of an HTTP Event Collector means. Pure; the rows come from Splunk's documents and from measurements. */

/** A reply as read from the wire. `json` is undefined when the body is not JSON, whatever its content type says. */
export interface Reply {
  readonly status: number;
  readonly json: unknown;
  readonly retryAfterMs?: number | undefined;
}

export type Verdict =
  | { readonly act: 'accepted'; readonly ackId: number | undefined }
  /** Passing. `mayBeIn`: the receiver may have stored all or some of it. */
  | {
      readonly act: 'retry';
      readonly reason: string;
      readonly mayBeIn: boolean;
      readonly retryAfterMs?: number;
    }
  /** The event at `index` of the request is refused; everything before it was stored (unless acks are on). */
  | { readonly act: 'named'; readonly index: number; readonly type: string; readonly reason: string }
  /** Something in the request is refused and nobody says what: halve it. A single event is refused for good. */
  | { readonly act: 'bisect'; readonly type: string; readonly reason: string; readonly mayBeIn: boolean }
  /** The operator's to fix; nothing may be dead-lettered. */
  | { readonly act: 'config'; readonly reason: string };

export interface Asked {
  /** Events in the request. */
  readonly count: number;
  readonly ack: boolean;
  /** For messages. */
  readonly index: string | undefined;
}

const OK_CODES = new Set([0, 24, 25]);

/** Stop the run: the request as a whole is refused, every other one would be too. */
function configReason(code: number | undefined, asked: Asked): string | undefined {
  switch (code) {
    case 7:
      return asked.index === undefined
        ? 'index: the token has no valid default index; name one the token may write to'
        : `index: the token may not write to "${asked.index}", or it does not exist`;
    case 10:
      return 'ack: the receiver wants a channel: its token has indexer acknowledgement on, set ack: true';
    case 11:
      return 'channel: the receiver does not take it; it must be a GUID';
    case 14:
      return 'ack: indexer acknowledgement is off for this token, set ack: false';
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

function wholeNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** Splunk's own words, short: they never quote the event. Other words are left out: they might. */
function said(reply: Reply): string {
  const text = field(reply.json, 'text');
  const code = field(reply.json, 'code');
  if (typeof code !== 'number') return `HTTP ${reply.status} without a code of HEC: a proxy or gateway?`;
  return `HEC ${reply.status} code ${code}${typeof text === 'string' ? `: ${text.slice(0, 120)}` : ''}`;
}

function accepted(reply: Reply, asked: Asked): Verdict {
  const code = field(reply.json, 'code');
  if (typeof code !== 'number' || !OK_CODES.has(code)) {
    return {
      act: 'config',
      reason: `url: answered ${reply.status}, but not as an HTTP Event Collector does`,
    };
  }
  const ackId = wholeNumber(field(reply.json, 'ackId'));
  if (asked.ack && ackId === undefined) {
    return {
      act: 'config',
      reason: 'ack: the receiver gives no ackId; set ack: false or turn it on for the token',
    };
  }
  return { act: 'accepted', ackId };
}

function badRequest(reply: Reply, asked: Asked): Verdict {
  const code = wholeNumber(field(reply.json, 'code'));
  const config = configReason(code, asked);
  if (config !== undefined) return { act: 'config', reason: config };
  const reason = said(reply);
  // Not HEC's own words (a gateway, a broken encoding): nothing was read as events.
  if (code === undefined) return { act: 'bisect', type: 'http_400', reason, mayBeIn: false };
  if (code === 5) return { act: 'retry', reason, mayBeIn: false };
  const type = EVENT_CODES[code] ?? `code_${code}`;
  const index = wholeNumber(field(reply.json, 'invalid-event-number'));
  if (index !== undefined && index < asked.count) return { act: 'named', index, type, reason };
  return { act: 'bisect', type, reason, mayBeIn: true };
}

/** What to do after a reply to an event request. */
export function classify(reply: Reply, asked: Asked): Verdict {
  const { status } = reply;
  const isHec = typeof field(reply.json, 'code') === 'number';
  const wait = reply.retryAfterMs === undefined ? {} : { retryAfterMs: reply.retryAfterMs };
  if (status >= 200 && status < 300) return accepted(reply, asked);
  if (status >= 300 && status < 400) return { act: 'config', reason: `url: answered ${status}, a redirect` };
  if (status === 400) return badRequest(reply, asked);
  if (status === 401 || status === 403) return { act: 'config', reason: `token: refused (${said(reply)})` };
  if (status === 407)
    return {
      act: 'config',
      reason:
        'the proxy wants credentials, or refuses those it was given (407); put them into the proxy variable, as http://user:password@host:port',
    };
  if (status === 413) return { act: 'bisect', type: 'too_large', reason: said(reply), mayBeIn: false };
  if (status === 415)
    return { act: 'config', reason: 'gzip: the receiver does not take it, set gzip: false' };
  if (status === 429) return { act: 'retry', reason: said(reply), mayBeIn: false, ...wait };
  if (status === 408 || status === 421 || status === 425) {
    return { act: 'retry', reason: said(reply), mayBeIn: status === 408, ...wait };
  }
  // Busy, full queues and shutting down are said before anything is read; a gateway's 5xx says nothing about that.
  if (status >= 500)
    return { act: 'retry', reason: said(reply), mayBeIn: !(isHec && status === 503), ...wait };
  return { act: 'config', reason: `url: answered ${status}: no HTTP Event Collector there` };
}

/** What to do when no reply came. `connected`: bytes of the request may have reached the other side. */
export function classifyFailure(error: unknown, connected: boolean): Verdict {
  const fault = faultOf(error);
  if (fault?.whose === 'operator') return { act: 'config', reason: `url: ${fault.reason}` };
  const reason = fault?.reason ?? (error instanceof Error ? error.message : String(error));
  return { act: 'retry', reason, mayBeIn: connected };
}

export type AckVerdict =
  | { readonly act: 'answered'; readonly indexed: ReadonlySet<number> }
  | { readonly act: 'retry'; readonly reason: string }
  | { readonly act: 'config'; readonly reason: string };

/** What a reply of the ack endpoint means. */
export function classifyAck(reply: Reply): AckVerdict {
  const { status } = reply;
  const acks = field(reply.json, 'acks');
  if (status === 200 && typeof acks === 'object' && acks !== null) {
    const indexed = new Set<number>();
    for (const [id, told] of Object.entries(acks)) if (told === true) indexed.add(Number(id));
    return { act: 'answered', indexed };
  }
  if (status === 401 || status === 403) return { act: 'config', reason: `token: refused (${said(reply)})` };
  if (status === 408 || status === 429 || status >= 500) return { act: 'retry', reason: said(reply) };
  return { act: 'config', reason: `ack: the receiver offers no indexer acknowledgement (${said(reply)})` };
}
