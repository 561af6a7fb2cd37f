import { randomUUID } from 'node:crypto';
import type { Context } from '../../contracts/component.ts';
import { ConfigError } from '../../contracts/errors.ts';
import type { Finding } from '../../contracts/types.ts';
import { CHECK_SOURCETYPE, checkEvent, checkMeta } from './check-event.ts';
import { classify, classifyAck, classifyFailure, type Reply, type ReplyVerdict } from './classify.ts';
import { type Connection, connect } from './connection.ts';
import type { SplunkHecOptions } from './options.ts';
import { judgeToken } from './token.ts';
import { NoReplyError } from './transport.ts';

type Ask = (what: 'event' | 'ack' | 'health', body?: string) => Promise<Reply | string>;

/** The reply, or text that says why there is none. */
function createAsk({ endpoint, transport }: Connection, channel: string, signal: AbortSignal): Ask {
  return async (what, body) => {
    const channelHeader = what === 'ack' ? { 'X-Splunk-Request-Channel': channel } : {};
    try {
      return await transport({
        method: what === 'health' ? 'GET' : 'POST',
        url: endpoint.url(what),
        headers: {
          Authorization: `Splunk ${endpoint.token}`,
          'Content-Type': 'application/json',
          ...channelHeader,
          ...endpoint.channelHeader,
        },
        ...(body !== undefined && { body: Buffer.from(body) }),
        signal,
      });
    } catch (error) {
      if (!(error instanceof NoReplyError)) throw error;
      const verdict = classifyFailure(error.cause, error.connected);
      return 'reason' in verdict ? verdict.reason : error.message;
    }
  };
}

function codeOf(reply: Reply): number | undefined {
  const code = (reply.json as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
}

function whyOf(verdict: Exclude<ReplyVerdict, { act: 'accepted' }>): string {
  return verdict.act === 'blocked' ? verdict.otherwise : verdict.reason;
}

async function health(ask: Ask): Promise<Finding> {
  const check = 'splunk_hec health';
  const reply = await ask('health');
  if (typeof reply === 'string') return { check, status: 'failed', detail: reply };
  if (reply.status === 200) return { check, status: 'ok', detail: 'the collector says it is healthy' };
  const detail = `the health endpoint answered ${reply.status} (code ${codeOf(reply) ?? 'none'})`;
  return { check, status: reply.status >= 500 ? 'failed' : 'warning', detail };
}

/** Without events in the request, the reply is about the token, and nothing is stored. */
async function token(ask: Ask, ack: boolean): Promise<Finding> {
  const check = 'splunk_hec authentication';
  const reply = await ask('event', '');
  if (typeof reply === 'string') return { check, status: 'failed', detail: reply };
  const verdict = judgeToken(reply, ack);
  if (verdict.is !== 'taken') return { check, status: 'failed', detail: verdict.reason };
  return { check, status: 'ok', detail: 'the token is accepted (tested with an empty request)' };
}

/**
 * A blank event for the index is tried first: some receivers check the index before they refuse it, and then
 * nothing is stored. Splunk checks the index only for a valid event, so one small event has to be written.
 */
async function index(ask: Ask, options: SplunkHecOptions): Promise<Finding> {
  const check = 'splunk_hec index';
  if (options.index === undefined) {
    return {
      check,
      status: 'ok',
      detail: 'none named: the default index of the token is used (not verified)',
    };
  }
  const asked = { count: 1, ack: options.ack, index: options.index };
  const blank = await ask('event', JSON.stringify({ ...checkMeta(options), event: '' }));
  if (typeof blank === 'string') return { check, status: 'failed', detail: blank };
  if (codeOf(blank) === 7) {
    return {
      check,
      status: 'failed',
      detail: `the token may not write to "${options.index}", or it does not exist`,
      fix: 'create the index and add it to the token’s allowed indexes (setup --print)',
    };
  }
  const reply = await ask('event', checkEvent(options, 'stepsecurity-siem check: this index can be written'));
  if (typeof reply === 'string') return { check, status: 'failed', detail: reply };
  const verdict = classify(reply, asked);
  if (verdict.act !== 'accepted') {
    return {
      check,
      status: 'failed',
      detail: whyOf(verdict),
    };
  }
  return {
    check,
    status: 'ok',
    detail: `one event of sourcetype ${CHECK_SOURCETYPE} was accepted for "${options.index}": HEC reports a wrong index only for a valid event. A token without allowed indexes accepts any name: confirm with index=${options.index} sourcetype=${CHECK_SOURCETYPE}`,
  };
}

async function ack(ask: Ask, options: SplunkHecOptions): Promise<Finding> {
  const check = 'splunk_hec ack';
  const reply = await ask('ack', '{"acks":[]}');
  if (typeof reply === 'string') return { check, status: options.ack ? 'failed' : 'warning', detail: reply };
  const verdict = classifyAck(reply);
  if (verdict.act === 'answered') {
    if (options.ack) return { check, status: 'ok', detail: 'indexer acknowledgement is available and used' };
    return {
      check,
      status: 'warning',
      detail:
        'indexer acknowledgement is on for this token but not used; Splunk then refuses events without a channel',
      fix: 'set ack: true',
    };
  }
  if (!options.ack && verdict.act === 'config') {
    return {
      check,
      status: 'ok',
      detail: 'indexer acknowledgement is not available and not used: delivered means accepted',
    };
  }
  return {
    check,
    status: 'failed',
    detail: verdict.reason,
    ...(verdict.act === 'config' && { fix: 'set ack: false, or useACK = 1 for the token' }),
  };
}

/** Checks health, token, index and ack, using only HEC. Writes one marked event, and only if `index` is set. */
export async function* checkSplunkHec(options: SplunkHecOptions, context: Context): AsyncIterable<Finding> {
  let connection: Connection;
  try {
    connection = connect(options);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    yield { check: 'splunk_hec configuration', status: 'failed', detail: error.message };
    return;
  }
  try {
    const ask = createAsk(connection, options.channel ?? randomUUID(), context.abort);
    yield await health(ask);
    const finding = await token(ask, options.ack);
    yield finding;
    if (finding.status === 'failed') return;
    yield await ack(ask, options);
    yield await index(ask, options);
  } finally {
    connection.close();
  }
}
