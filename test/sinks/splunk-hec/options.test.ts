import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, test } from '@jest/globals';
import { ConfigError } from '../../../src/contracts/errors.ts';
import { createEndpoint } from '../../../src/sinks/splunk-hec/endpoint.ts';
import { bodyOf, createEnvelope, seconds } from '../../../src/sinks/splunk-hec/envelope.ts';
import { splunkHec } from '../../../src/sinks/splunk-hec/index.ts';
import { splunkHecSchema } from '../../../src/sinks/splunk-hec/options.ts';
import { setupText } from '../../../src/sinks/splunk-hec/setup-text.ts';
import { testDocument } from '../../contract/sink.ts';

const url = 'https://splunk.example:8088';
const token = 'a-token';

describe('the options', () => {
  test.each([
    ['no url', { token }],
    ['another protocol', { url: 'ftp://splunk.example', token }],
    ['credentials in the url', { url: 'https://u:p@splunk.example', token }],
    ['two tokens', { url, token, token_file: '/x' }],
    ['a token with a space', { url, token: 'Splunk x' }],
    ['an index in capitals', { url, token, index: 'Main' }],
    ['a channel that is not a GUID', { url, token, channel: 'x' }],
    ['polling without a pause', { url, token, ack_interval: '0s' }],
    ['a timeout that is too long for a timer', { url, token, request_timeout: '30d' }],
    ['an unknown option', { url, token, strictSSL: false }],
  ])('refuse %s', (_, options) => {
    expect(splunkHecSchema.safeParse(options).success).toBe(false);
  });

  it('identify the receiver and the index, without the token', () => {
    const identity = splunkHec.identify(splunkHecSchema.parse({ url, token, index: 'ci' }));
    expect(identity).toContain('splunk.example:8088');
    expect(identity).toContain('ci');
    expect(identity).not.toContain(token);
  });
});

describe('the token', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hec-token-'));
  const file = join(folder, 'token');
  const { SPLUNK_HEC_TOKEN: before } = process.env;
  afterEach(() => {
    rmSync(file, { force: true });
    if (before === undefined) delete process.env.SPLUNK_HEC_TOKEN;
    else process.env.SPLUNK_HEC_TOKEN = before;
  });
  const tokenOf = (options: object): string =>
    createEndpoint(splunkHecSchema.parse({ url, ...options })).token;

  it('is required', () => {
    delete process.env.SPLUNK_HEC_TOKEN;
    expect(() => tokenOf({})).toThrow(ConfigError);
  });

  it('is refused from a file that is missing, empty, or has more than one word', () => {
    expect(() => tokenOf({ token_file: file })).toThrow(ConfigError);
    writeFileSync(file, '\n');
    expect(() => tokenOf({ token_file: file })).toThrow(ConfigError);
    writeFileSync(file, 'a b');
    expect(() => tokenOf({ token_file: file })).toThrow(ConfigError);
  });

  it('comes from the file or from the environment', () => {
    writeFileSync(file, 'from-file\n');
    expect(tokenOf({ token_file: file })).toBe('from-file');
    process.env.SPLUNK_HEC_TOKEN = 'from-environment';
    expect(tokenOf({})).toBe('from-environment');
  });
});

describe('the url', () => {
  test.each([
    ['https://h', 'https://h/services/collector/event'],
    ['https://h/', 'https://h/services/collector/event'],
    ['https://h:8088/services/collector', 'https://h:8088/services/collector/event'],
    ['https://h/services/collector/event/1.0', 'https://h/services/collector/event'],
    ['https://h/splunk/', 'https://h/splunk/services/collector/event'],
  ])('%s is read as intended', (given, wanted) => {
    expect(createEndpoint(splunkHecSchema.parse({ url: given, token })).url('event')).toBe(wanted);
  });
});

describe('the envelope', () => {
  test.each([
    [1_753_204_032_000, '1753204032.000'],
    [1_753_204_032_007, '1753204032.007'],
    [0, '0.000'],
    [1, '0.001'],
    [-1_500, '-1.500'],
    [8.64e15, '8640000000000.000'],
    [1_753_204_032_007.9, '1753204032.007'],
  ])('writes %d ms as plain decimal seconds', (ms, text) => {
    expect(seconds(ms)).toBe(text);
  });

  test.each([
    ['s3:bucket', 'stepsecurity:s3:bucket'],
    [undefined, 'stepsecurity'],
  ])('labels what comes from %s as %s', (label, source) => {
    const options = { host: 'h', sourcetype: 's', index: undefined, source: undefined };
    const envelope = createEnvelope(options, label)(testDocument('u'));
    expect(JSON.parse(bodyOf([envelope]).toString())).toMatchObject({ source });
  });

  it('keeps the document’s text as it is, and escapes everything else', () => {
    const json = '{"big":12345678901234567890,"exact":1.0}';
    const options = { host: 'a"b', sourcetype: 's', index: undefined, source: 'x\\y' };
    const envelope = createEnvelope(options, undefined)(testDocument('ü"1', { json: Buffer.from(json) }));
    const text = bodyOf([envelope]).toString();
    expect(Buffer.byteLength(text)).toBe(envelope.bytes);
    expect(text.endsWith(`"event":${json}}\n`)).toBe(true);
    const parsed = JSON.parse(text);
    expect(parsed).toMatchObject({ host: 'a"b', source: 'x\\y', fields: { uid: 'ü"1' } });
    expect(parsed).not.toHaveProperty('index');
  });
});

describe('the setup text', () => {
  it('limits the token to one index, matches ack, and never shows the token', () => {
    const text = setupText(splunkHecSchema.parse({ url, token, index: 'ci', ack: true }));
    expect(text).toContain('[ci]');
    expect(text).toMatch(/^ *indexes = ci$/m);
    expect(text).toMatch(/^ *useACK = 1$/m);
    expect(text).not.toContain(token);
    expect(setupText(splunkHecSchema.parse({ url, token }))).toMatch(/^ *useACK = 0$/m);
  });
});
