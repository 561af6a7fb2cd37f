import { afterEach, describe, expect, it } from '@jest/globals';
import { exitCodeOf } from '../../../src/account/exit.ts';
import { messageOf } from '../../../src/contracts/errors.ts';
import { live } from '../../live.ts';
import { type HecAnswer, refusal, type ScriptedHec, SUCCESS, scriptHec } from '../../scripted/hec.ts';
import { openHec } from './open.ts';

let server: ScriptedHec | undefined;
afterEach(async () => server?.close());

/** The result of a probe: `ok`, or an exit code and the reason. */
async function probe(answer: HecAnswer, over: Record<string, unknown> = {}): Promise<string> {
  server = await scriptHec(() => answer);
  const { sink } = await openHec(server.url, over, { maxElapsedMs: 20 });
  try {
    if (sink.probe === undefined) throw new Error('it has no probe');
    await sink.probe(live);
    return 'ok';
  } catch (error) {
    return `${exitCodeOf(error, 0)} ${messageOf(error)}`;
  } finally {
    await sink.close?.();
  }
}

describe('a probe of a HEC', () => {
  it.each([
    ['no data: the token was accepted', refusal(400, 5), {}, /^ok$/],
    ['a receiver that accepts an empty request', SUCCESS, {}, /^ok$/],
    ['the same with acks, without an id', SUCCESS, { ack: true }, /^ok$/],
    ['another complaint about what was sent', refusal(400, 6), {}, /^ok$/],
    ['a wrong token', refusal(403, 4), {}, /^2 .*the token is refused .*code 4/],
    ['a disabled token', refusal(403, 1), {}, /^2 .*the token is refused .*code 1/],
    ['a token that is refused in other words', { status: 401, body: 'no' }, {}, /^2 .*the token is refused/],
    ['a token with acks, not configured', refusal(400, 10), {}, /^2 .*set ack: true/],
    ['a firewall', { status: 403, body: '<html>' }, {}, /^2 .*firewall or proxy/],
    ['another service', { status: 404, body: '<html>' }, {}, /^2 .*there is no HTTP Event Collector/],
    ['a busy server', refusal(503, 9), {}, /^4 splunk_hec .*code 9/],
    ['a gateway without a server', { status: 502, body: '<html>' }, {}, /^4 .*HTTP 502/],
    ['a cut connection', 'cut', {}, /^4 .*ECONNRESET/],
  ] satisfies [string, HecAnswer, Record<string, unknown>, RegExp][])(
    '%s',
    async (_, answer, over, verdict) => {
      expect(await probe(answer, over)).toMatch(verdict);
    },
  );

  it('sends the token and no event', async () => {
    await probe(refusal(400, 5), { ack: true });
    const [asked, more] = server?.events ?? [];
    expect(more).toBeUndefined();
    expect(asked?.text).toBe('');
    expect(asked?.headers.authorization).toMatch(/^Splunk /);
    expect(asked?.headers['x-splunk-request-channel']).toBeDefined();
  });
});
