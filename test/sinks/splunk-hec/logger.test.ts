import { describe, expect, it } from '@jest/globals';
import splunkLogging from 'splunk-logging';
import { createEndpoint } from '../../../src/sinks/splunk-hec/endpoint.ts';
import { createSender } from '../../../src/sinks/splunk-hec/logger.ts';
import { splunkHecSchema } from '../../../src/sinks/splunk-hec/options.ts';
import type { Exchange } from '../../../src/sinks/splunk-hec/transport.ts';

const signal = new AbortController().signal;
const token = 'a-token';

describe('the parts of splunk-logging that the adapter relies on', () => {
  it('passes the url and the token to _post once, its queue empty, and its answer to flush', async () => {
    const posts: unknown[] = [];
    const errors: unknown[] = [];
    const logger = Object.assign(
      new splunkLogging.Logger<string>({
        token,
        protocol: 'https',
        host: 'splunk.example',
        port: 443,
        path: '/x/services/collector/event',
        maxRetries: 0,
      }),
      {
        error: (error: unknown) => errors.push(error),
        _post(options: unknown, answer: (error: unknown, response?: string, body?: unknown) => void) {
          posts.push(structuredClone(options));
          answer(null, 'the response', { text: 'no', code: 6 });
        },
      },
    );
    const answered = await new Promise((resolve) => logger.flush((...all) => resolve(all)));
    expect(answered).toEqual([null, 'the response', { text: 'no', code: 6 }]);
    expect(posts).toEqual([
      expect.objectContaining({
        url: 'https://splunk.example:443/x/services/collector/event',
        headers: expect.objectContaining({ Authorization: `Splunk ${token}` }),
      }),
    ]);
    expect(errors).toHaveLength(1);
  });

  it('calls _post once if it fails, and flush with the same error', async () => {
    let posts = 0;
    const failure = new Error('reset');
    const logger = Object.assign(new splunkLogging.Logger<string>({ token, maxRetries: 0 }), {
      error: () => undefined,
      _post(_: unknown, answer: (error: unknown) => void) {
        posts += 1;
        answer(failure);
      },
    });
    const error = await new Promise((resolve) => logger.flush(resolve));
    expect(error).toBe(failure);
    expect(posts).toBe(1);
  });
});

describe('the adapter', () => {
  const endpoint = createEndpoint(
    splunkHecSchema.parse({ url: 'http://[::1]:8088/services/collector', token }),
  );
  const meter = { add: () => {} };

  it('keeps concurrent requests apart, each with its own answer', async () => {
    const transport = async ({ body }: Exchange) => ({ status: 200, json: { code: 0, text: String(body) } });
    const send = createSender({ endpoint, transport, gzip: false, meter });
    const replies = await Promise.all(['a', 'b', 'c'].map((text) => send(`${text}${text}`, signal)));
    expect(replies.map((reply) => (reply.json as { text: string }).text)).toEqual(['aa', 'bb', 'cc']);
  });

  it('sends to the bracketed IPv6 host, and prints nothing when it fails', async () => {
    const urls: string[] = [];
    const failure = new Error('away');
    const transport = async ({ url }: Exchange) => {
      urls.push(url);
      throw failure;
    };
    const printed: unknown[] = [];
    const { log } = console;
    console.log = (...all) => printed.push(all);
    try {
      await expect(createSender({ endpoint, transport, gzip: true, meter })('secret', signal)).rejects.toBe(
        failure,
      );
    } finally {
      console.log = log;
    }
    expect(urls).toEqual(['http://[::1]:8088/services/collector/event']);
    expect(printed).toEqual([]);
  });
});
