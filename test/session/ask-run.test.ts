import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkLookUps } from '../../src/commands/check/look-ups.ts';
import { routeOf } from '../../src/config/route.ts';
import { configSchema } from '../../src/config/schema.ts';
import type { Finding } from '../../src/contracts/types.ts';
import { withAskRun } from '../../src/session/ask-run.ts';
import { testContext } from '../contract/sink.ts';
import { type StepSecurityApi, startApi } from '../scripted/stepsecurity-api.ts';

const KEY = ['step', 'test', 'key'].join('_');
const RUN = { owner: 'acme', repo: 'shop', id: '1' };
const never = new AbortController().signal;

let api: StepSecurityApi;
beforeEach(async () => {
  api = await startApi(KEY);
  api.runs.set('acme/shop/1', { id: '1' });
});
afterEach(async () => {
  expect(api.violations).toEqual([]);
  await api.close();
});

function session(enrichment: object) {
  const config = { source: { type: 'file', path: '/in' }, sink: { type: 'ndjson' }, enrichment };
  const retry = { initialMs: 1, maxMs: 5, maxElapsedMs: 30 };
  return { route: routeOf(configSchema.parse(config)), context: testContext({ retry }) };
}
const asking = (key = KEY) => session({ look_ups: true, api: { url: api.url, api_key: key } });

describe('the component that is asked about runs', () => {
  it('is absent unless look-ups are on', async () => {
    const own = { askRun: async () => ({ id: 'own' }) };
    expect(await withAskRun(session({}), own, async (ask) => ask)).toBeUndefined();
  });

  it('is the source, if it can be asked', async () => {
    const own = { askRun: async () => ({ id: 'own' }) };
    expect(await withAskRun(asking(), own, async (ask) => ask?.(RUN, never))).toEqual({ id: 'own' });
    expect(api.requests).toEqual([]);
  });

  it('is the API for any other source', async () => {
    expect(await withAskRun(asking(), {}, async (ask) => ask?.(RUN, never))).toEqual({ id: '1' });
    expect(await withAskRun(asking(), {}, async (ask) => ask?.({ ...RUN, id: '2' }, never))).toBeUndefined();
  });
});

describe('check', () => {
  const findings = async (of: ReturnType<typeof session>): Promise<Finding[]> => {
    const found: Finding[] = [];
    for await (const finding of checkLookUps(of)) found.push(finding);
    return found;
  };

  it('says nothing if nothing is asked', async () => {
    expect(await findings(session({}))).toEqual([]);
  });

  it('tells a valid key from an invalid one', async () => {
    expect((await findings(asking())).map(({ status }) => status)).toEqual(['ok']);
    api.onRequest = () => ({ status: 403 });
    expect((await findings(asking())).map(({ status }) => status)).toEqual(['ok']);
    api.onRequest = () => undefined;
    const [bad] = await findings(asking('other'));
    expect(bad).toMatchObject({ status: 'failed', detail: expect.stringContaining('401') });
    expect(JSON.stringify(bad)).not.toContain('other');
  });
});
