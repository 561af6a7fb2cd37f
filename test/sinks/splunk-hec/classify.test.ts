import { describe, expect, test } from '@jest/globals';
import {
  classify,
  classifyAck,
  classifyFailure,
  type ReplyVerdict,
} from '../../../src/sinks/splunk-hec/classify.ts';

const html = undefined;
const hec = (code: number, more: Record<string, unknown> = {}) => ({ text: 'said', code, ...more });
const numbered = (code: number, number: unknown) => hec(code, { 'invalid-event-number': number });

interface Row {
  readonly what: string;
  readonly status: number;
  readonly json: unknown;
  readonly ack?: boolean;
  readonly expected: Partial<Record<string, unknown>> & { readonly act: ReplyVerdict['act'] };
}

const named = (index: number, type: string) => ({ act: 'named' as const, index, type });
const bisect = (type: string, mayBeIn: boolean) => ({ act: 'bisect' as const, type, mayBeIn });
const config = { act: 'config' as const };
const blocked = (status: number) => ({
  act: 'blocked' as const,
  type: `http_${status}`,
  otherwise: expect.stringContaining(String(status)),
});
const retry = (mayBeIn: boolean) => ({ act: 'retry' as const, mayBeIn });
const accepted = { act: 'accepted' as const };

const ROWS: readonly Row[] = [
  { what: 'Splunk: code 1, token disabled', status: 403, json: hec(1), expected: config },
  { what: 'Splunk: code 2, token missing', status: 401, json: hec(2), expected: config },
  { what: 'Splunk: code 3, malformed authorization', status: 401, json: hec(3), expected: config },
  { what: 'Splunk: code 4, invalid token', status: 403, json: hec(4), expected: config },
  { what: 'Vector: wrong token is 401 code 3', status: 401, json: hec(3), expected: config },
  { what: 'OpenTelemetry: wrong token is 401 plain text', status: 401, json: html, expected: config },
  { what: 'Splunk: code 5, no data', status: 400, json: hec(5), expected: retry(false) },
  {
    what: 'Splunk: code 6 names event 1',
    status: 400,
    json: numbered(6, 1),
    expected: named(1, 'invalid_format'),
  },
  {
    what: 'Fluent Bit: code 6 without a number',
    status: 400,
    json: hec(6),
    expected: bisect('invalid_format', true),
  },
  {
    what: 'Splunk: code 7, index, with or without a number',
    status: 400,
    json: numbered(7, 1),
    expected: config,
  },
  { what: 'Splunk: code 10, channel missing', status: 400, json: hec(10), expected: config },
  { what: 'Splunk: code 11, channel invalid', status: 400, json: hec(11), expected: config },
  {
    what: 'Splunk: code 12 names event 0',
    status: 400,
    json: numbered(12, 0),
    expected: named(0, 'event_missing'),
  },
  {
    what: 'OpenTelemetry: code 12 without a number',
    status: 400,
    json: hec(12),
    expected: bisect('event_missing', true),
  },
  {
    what: 'Splunk: code 13 names event 4',
    status: 400,
    json: numbered(13, 4),
    expected: named(4, 'event_blank'),
  },
  { what: 'Splunk: code 14, ack off', status: 400, json: hec(14), expected: config },
  {
    what: 'Splunk: code 15 names event 2',
    status: 400,
    json: numbered(15, 2),
    expected: named(2, 'invalid_fields'),
  },
  { what: 'Splunk: code 16, query string token', status: 400, json: hec(16), expected: config },
  {
    what: 'Splunk: code 21 names an event',
    status: 400,
    json: numbered(21, 3),
    expected: named(3, 'code_21'),
  },
  { what: 'Splunk: code 22 without a number', status: 400, json: hec(22), expected: bisect('code_22', true) },
  {
    what: 'a number beyond the request',
    status: 400,
    json: numbered(6, 5),
    expected: bisect('invalid_format', true),
  },
  {
    what: 'a number below zero',
    status: 400,
    json: numbered(6, -1),
    expected: bisect('invalid_format', true),
  },
  {
    what: 'a number that is text',
    status: 400,
    json: numbered(6, '1'),
    expected: bisect('invalid_format', true),
  },
  { what: 'Splunk: bad gzip is 400 HTML', status: 400, json: html, expected: blocked(400) },
  {
    what: 'a gateway: 400 with its own JSON',
    status: 400,
    json: { error: 'x' },
    expected: blocked(400),
  },
  { what: 'Splunk: too large is 413 HTML', status: 413, json: html, expected: bisect('too_large', false) },
  { what: 'Splunk: unsupported encoding is 415 HTML', status: 415, json: html, expected: config },
  { what: 'Splunk: code 8, internal error', status: 500, json: hec(8), expected: retry(true) },
  { what: 'Splunk: code 9, busy', status: 503, json: hec(9), expected: retry(false) },
  { what: 'Splunk: code 18, queue full', status: 503, json: hec(18), expected: retry(false) },
  { what: 'Splunk: code 19, acks unavailable', status: 503, json: hec(19), expected: retry(false) },
  { what: 'Splunk: code 20, both', status: 503, json: hec(20), expected: retry(false) },
  { what: 'Splunk: code 23, shutting down', status: 503, json: hec(23), expected: retry(false) },
  { what: 'Splunk: code 26, too many requests', status: 429, json: hec(26), expected: retry(false) },
  { what: 'Splunk: code 27, too many requests', status: 429, json: hec(27), expected: retry(false) },
  { what: 'a gateway: 429 HTML', status: 429, json: html, expected: retry(false) },
  { what: 'a gateway: 502 HTML', status: 502, json: html, expected: retry(true) },
  { what: 'a gateway: 503 HTML', status: 503, json: html, expected: retry(true) },
  { what: 'a gateway: 504 HTML', status: 504, json: html, expected: retry(true) },
  { what: 'a gateway: 408', status: 408, json: html, expected: retry(true) },
  { what: 'a proxy wants credentials', status: 407, json: html, expected: config },
  { what: 'a redirect', status: 302, json: html, expected: blocked(302) },
  { what: 'no such path', status: 404, json: html, expected: blocked(404) },
  { what: 'Vector: unknown path is 405', status: 405, json: html, expected: blocked(405) },
  { what: 'Splunk: success', status: 200, json: hec(0), expected: accepted },
  { what: 'Splunk: success, code 24', status: 200, json: hec(24), expected: accepted },
  {
    what: 'Vector: ack id 0',
    status: 200,
    json: hec(0, { ackId: 0 }),
    ack: true,
    expected: { ...accepted, ackId: 0 },
  },
  { what: 'OpenTelemetry: 200 without ackId', status: 200, json: hec(0), ack: true, expected: config },
  { what: 'an ackId that is text', status: 200, json: hec(0, { ackId: '1' }), ack: true, expected: config },
  { what: 'a login page: 200 HTML', status: 200, json: html, expected: blocked(200) },
  { what: 'another service: 200 with its own JSON', status: 200, json: { ok: true }, expected: blocked(200) },
  { what: 'a firewall: 403 HTML', status: 403, json: html, expected: blocked(403) },
  { what: 'a firewall: 403 with its own JSON', status: 403, json: { code: 403 }, expected: blocked(403) },
  { what: 'a firewall: 406', status: 406, json: html, expected: blocked(406) },
  { what: 'a proxy: 411', status: 411, json: html, expected: blocked(411) },
  { what: 'another server: 501', status: 501, json: html, expected: blocked(501) },
  {
    what: 'Splunk’s web: 404 with a code that HEC does not have',
    status: 404,
    json: hec(404),
    expected: blocked(404),
  },
];

describe('what a reply to five events means', () => {
  test.each(ROWS)('$what', ({ status, json, ack = false, expected }) => {
    expect(classify({ status, json }, { count: 5, ack, index: 'main' })).toMatchObject(expected);
  });

  test('Retry-After is passed on', () => {
    const verdict = classify(
      { status: 503, json: hec(9), retryAfterMs: 7_000 },
      { count: 1, ack: false, index: undefined },
    );
    expect(verdict).toMatchObject({ act: 'retry', retryAfterMs: 7_000 });
  });

  test('a reason quotes at most 120 characters from the receiver', () => {
    const json = { code: 6, text: 'x'.repeat(5_000) };
    const verdict = classify({ status: 400, json }, { count: 1, ack: false, index: undefined });
    expect('reason' in verdict && verdict.reason.length).toBeLessThan(200);
  });
});

describe('what a missing reply means', () => {
  test.each([
    ['ECONNREFUSED', false, retry(false)],
    ['ENOTFOUND', false, retry(false)],
    ['ECONNRESET', true, retry(true)],
    ['EPIPE', true, retry(true)],
    ['REPLY_TIMEOUT', true, retry(true)],
    ['REPLY_TIMEOUT', false, retry(false)],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', true, config],
    ['SELF_SIGNED_CERT_IN_CHAIN', false, config],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', false, config],
    ['CERT_HAS_EXPIRED', false, config],
    ['ERR_TLS_CERT_ALTNAME_INVALID', false, config],
    ['ERR_SSL_WRONG_VERSION_NUMBER', false, config],
    ['EPROTO', false, retry(false)],
  ])('%s, connected: %s', (code, connected, expected) => {
    expect(classifyFailure(Object.assign(new Error('x'), { code }), connected)).toMatchObject(expected);
  });
});

describe('what a reply from the ack endpoint means', () => {
  test.each([
    ['Splunk: ack off', 400, hec(14), 'config'],
    ['OpenTelemetry: ack off is code 12', 400, hec(12), 'config'],
    ['Fluent Bit: 400 plain text', 400, html, 'config'],
    ['no such endpoint', 404, html, 'config'],
    ['token refused', 403, hec(4), 'config'],
    ['busy', 503, hec(9), 'retry'],
    ['too many', 429, html, 'retry'],
  ])('%s', (_, status, json, act) => {
    expect(classifyAck({ status, json }).act).toBe(act);
  });

  test('ids that are true, including 0, are indexed, and all others are not', () => {
    const verdict = classifyAck({ status: 200, json: { acks: { 0: true, 1: false, 2: true, 3: 'true' } } });
    expect(verdict).toEqual({ act: 'answered', indexed: new Set([0, 2]) });
  });
});
