import { afterEach, describe, expect, it } from '@jest/globals';
import type { Finding } from '../../../src/contracts/types.ts';
import { splunkHec } from '../../../src/sinks/splunk-hec/index.ts';
import { splunkHecSchema } from '../../../src/sinks/splunk-hec/options.ts';
import { testContext } from '../../contract/sink.ts';
import {
  type HecAnswer,
  type HecRequest,
  refusal,
  type ScriptedHec,
  SUCCESS,
  scriptHec,
} from '../../scripted/hec.ts';
import { TOKEN } from './open.ts';

let server: ScriptedHec | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** A receiver like Splunk: an empty request is code 5, acks are off; `event` answers requests with an event. */
async function check(
  over: Record<string, unknown>,
  event: (request: HecRequest) => HecAnswer = () => SUCCESS,
  health: HecAnswer = { body: { text: 'HEC is healthy', code: 17 } },
): Promise<Record<string, Finding>> {
  server = await scriptHec((request) => {
    if (request.path.endsWith('/health')) return health;
    if (request.path.endsWith('/ack')) return refusal(400, 14);
    if (request.text === '') return refusal(400, 5);
    return event(request);
  });
  const options = splunkHecSchema.parse({ url: server.url, token: TOKEN, ...over });
  const found: Record<string, Finding> = {};
  const context = { ...testContext() };
  for await (const finding of splunkHec.check?.(options, context) ?? []) {
    found[finding.check.replace('splunk_hec ', '')] = finding;
  }
  return found;
}

const statuses = (found: Record<string, Finding>): Record<string, string> =>
  Object.fromEntries(Object.entries(found).map(([name, { status }]) => [name, status]));

describe('the doctor', () => {
  it('says that the receiver is unreachable, and checks nothing else', async () => {
    expect(statuses(await check({ url: 'http://127.0.0.1:9' }))).toEqual({
      health: 'failed',
      authentication: 'failed',
    });
  });

  it('says what is wrong with the configuration', async () => {
    expect(statuses(await check({ token: undefined, token_file: '/nowhere' }))).toEqual({
      configuration: 'failed',
    });
  });

  it('says that the receiver is shutting down', async () => {
    const found = await check({}, undefined, refusal(503, 23));
    expect(found.health?.status).toBe('failed');
  });

  it('accepts a receiver without a health endpoint', async () => {
    const found = await check({}, undefined, { status: 404, body: '<html>' });
    expect(statuses(found)).toMatchObject({ health: 'warning', authentication: 'ok' });
  });

  it('finds a wrong index without writing anything if a blank event shows it', async () => {
    const found = await check({ index: 'ci' }, () => refusal(400, 7, { 'invalid-event-number': 1 }));
    expect(found.index?.status).toBe('failed');
    expect(
      server?.events.filter(({ text }) => text !== '').map(({ text }) => JSON.parse(text).event),
    ).toEqual(['']);
  });

  it('finds a wrong index with one marked event if a blank one does not show it', async () => {
    const found = await check({ index: 'ci' }, ({ text }) =>
      JSON.parse(text).event === '' ? refusal(400, 13) : refusal(400, 7),
    );
    expect(found.index?.status).toBe('failed');
    expect(JSON.parse(server?.events.at(-1)?.text ?? '')).toMatchObject({
      index: 'ci',
      sourcetype: 'stepsecurity:harden_runner:check',
    });
  });

  it('says that it wrote one event when the index is right', async () => {
    const found = await check({ index: 'ci' }, ({ text }) =>
      JSON.parse(text).event === '' ? refusal(400, 13) : SUCCESS,
    );
    expect(found.index?.status).toBe('ok');
    expect(found.index?.detail).toContain('one event');
  });

  it('writes no event if no index is configured', async () => {
    expect(statuses(await check({}))).toEqual({ health: 'ok', authentication: 'ok', ack: 'ok', index: 'ok' });
    expect(server?.events.map(({ text }) => text)).toEqual(['']);
  });

  it('says that acks are not available when they are configured', async () => {
    const found = await check({ ack: true });
    expect(found.ack?.status).toBe('failed');
    expect(found.ack?.fix).toContain('ack: false');
  });
});
