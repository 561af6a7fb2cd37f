import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from '@jest/globals';
import { cleanEnvironment } from '../../src/aws/environment.ts';
import { substituteEnv } from '../../src/config/env.ts';
import { ConfigError } from '../../src/contracts/errors.ts';
import { checkedSecret, readSecret, withoutLineEnd } from '../../src/options/secret.ts';
import { connect } from '../../src/sinks/elasticsearch/connect.ts';
import { elasticsearchSchema } from '../../src/sinks/elasticsearch/options.ts';
import { createEndpoint } from '../../src/sinks/splunk-hec/endpoint.ts';
import { splunkHecSchema } from '../../src/sinks/splunk-hec/options.ts';
import { api } from '../../src/sources/api/index.ts';
import { createKey } from '../../src/stepsecurity/key.ts';

const root = mkdtempSync(join(tmpdir(), 'secret-'));
const live = new AbortController().signal;
let count = 0;
function file(content: string | Buffer): string {
  const path = join(root, String((count += 1)));
  writeFileSync(path, content);
  return path;
}
afterAll(() => rmSync(root, { recursive: true }));

/** What editors, `echo` and Kubernetes add around a secret. */
const WRAPPED: readonly string[] = [
  'secret',
  'secret\n',
  'secret\r\n',
  'secret\n\n',
  '\uFEFFsecret',
  '\uFEFFsecret\r\n',
];

describe('a secret', () => {
  test.each(WRAPPED)('%j is read as intended', (text) => {
    expect(withoutLineEnd(text)).toBe('secret');
    expect(readSecret('key', file(text))).toBe('secret');
  });

  it('keeps inner spaces', () => {
    expect(readSecret('key', file('  pass word  \n'))).toBe('  pass word  ');
  });

  test.each(['', '\n', 'two\nlines', 'a\tb', 'nul\u0000', Buffer.from([0xff, 0xfe, 0x61, 0x00])])(
    '%j is for the operator to correct, and is not quoted',
    (content) => {
      const path = file(content);
      const read = () => readSecret('sink.password_file', path);
      expect(read).toThrow(ConfigError);
      expect(read).toThrow(`sink.password_file ${path}`);
      expect(read).not.toThrow(/lines/);
    },
  );

  it('in a missing file is reported by the file name', () => {
    expect(() => readSecret('token_file', join(root, 'none'))).toThrow(/^token_file .*none: cannot be read/);
    expect(() => readSecret('token_file', root)).toThrow(ConfigError);
  });

  it('in the configuration has to follow the same rules', () => {
    expect(checkedSecret('sink.password', 'secret\n')).toBe('secret');
    expect(() => checkedSecret('sink.password', 'two\nlines')).toThrow(ConfigError);
  });
});

describe.each(WRAPPED)('%j reaches its client unchanged', (text) => {
  it('from ${ENV}', () => {
    expect(substituteEnv({ a: '${A}', b: 'x-${A}-y' }, { A: text }).value).toEqual({
      a: 'secret',
      b: 'x-secret-y',
    });
  });

  it('as HEC token', () => {
    const url = 'https://splunk.example:8088';
    for (const more of [{ token: text }, { token_file: file(text) }])
      expect(createEndpoint(splunkHecSchema.parse({ url, ...more })).token).toBe('secret');
    process.env.SPLUNK_HEC_TOKEN = text;
    expect(createEndpoint(splunkHecSchema.parse({ url })).token).toBe('secret');
    delete process.env.SPLUNK_HEC_TOKEN;
  });

  it('as API key', async () => {
    for (const more of [{ api_key: text }, { api_key_file: file(text) }])
      expect(await createKey(api.schema.parse({ owners: ['acme'], ...more })).get()).toBe('secret');
  });

  it('as credentials of Elasticsearch', async () => {
    const urls = ['http://127.0.0.1:1'];
    const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`;
    for (const [more, expected] of [
      [{ username: 'me', password: text }, basic],
      [{ username: 'me', password_file: file(text) }, basic],
      [{ api_key: text }, 'ApiKey secret'],
      [{ api_key_file: file(text) }, 'ApiKey secret'],
    ] as const) {
      const { client, close } = await connect(elasticsearchSchema.parse({ urls, ...more }), live);
      const headers = client.connectionPool.connections[0]?.headers as Record<string, string> | undefined;
      expect(headers?.['authorization']).toBe(expected);
      close();
    }
  });

  it('as variable of AWS', () => {
    const env: NodeJS.ProcessEnv = { AWS_SECRET_ACCESS_KEY: text, AWS_REGION: text, OTHER: text };
    cleanEnvironment(env);
    expect(env).toEqual({ AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'secret', OTHER: text });
  });
});

it('a user without an entry and without HOME has a home folder, which the SDK asks for', () => {
  const nowhere = (): never => {
    throw new Error('uv_os_homedir returned ENOENT');
  };
  const env: NodeJS.ProcessEnv = {};
  cleanEnvironment(env, nowhere);
  expect(env).toEqual({ HOME: '/' });
  const known: NodeJS.ProcessEnv = {};
  cleanEnvironment(known, () => '/root');
  expect(known).toEqual({});
});

it('an AWS variable with a line break inside is named, not quoted', () => {
  const clean = () => cleanEnvironment({ AWS_SESSION_TOKEN: 'two\nlines' });
  expect(clean).toThrow(ConfigError);
  expect(clean).toThrow(/^AWS_SESSION_TOKEN: /);
  expect(clean).not.toThrow(/two/);
});
