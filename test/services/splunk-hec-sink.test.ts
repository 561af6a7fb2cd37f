import { statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Context } from '../../src/contracts/component.ts';
import type { Document, Sink } from '../../src/contracts/types.ts';
import { splunkHec } from '../../src/sinks/splunk-hec/index.ts';
import { splunkHecSchema } from '../../src/sinks/splunk-hec/options.ts';
import { documentsOf, sinkContract, testContext, testDocument } from '../contract/sink.ts';
import { live } from '../live.ts';
import { describeWith, need } from './require.ts';

/*
 * HEC_URL, HEC_TOKEN                a collector whose token has acknowledgement off
 * HEC_ACK_URL                       one whose token (the same text) has it on
 * HEC_EVENTS, HEC_ACK_EVENTS        files in which the test receivers keep the events they stored
 * HEC_ADMIN_URL, HEC_ACK_ADMIN_URL  where those receivers accept faults: PUT /admin/faults
 */

interface StoredEvent {
  readonly time: number;
  readonly fields: { readonly uid: string };
  readonly event: unknown;
  readonly [key: string]: unknown;
}

async function readFrom(file: string, offset: number): Promise<StoredEvent[]> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const { buffer } = await handle.read(Buffer.alloc(size - offset), 0, size - offset, offset);
    const lines = buffer.toString('utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as StoredEvent).filter((event) => event.fields !== undefined);
  } finally {
    await handle.close();
  }
}

function suite(prefix: 'HEC' | 'HEC_ACK', ack: boolean): void {
  const title = ack ? 'splunk_hec with acks' : 'splunk_hec without acks';
  const url = `${prefix}_URL`;
  const make = async (context: Context, over: Record<string, unknown> = {}): Promise<Sink> => {
    const options = {
      url: need(url),
      token: need('HEC_TOKEN'),
      ack,
      ...(ack && { ack_interval: '20ms' }),
      ...over,
    };
    return splunkHec.create(splunkHecSchema.parse(options), { ...context });
  };

  describeWith([url, 'HEC_TOKEN', `${prefix}_EVENTS`], title, () => {
    const file = need(`${prefix}_EVENTS`);
    let offset = 0;
    const stored = (): Promise<StoredEvent[]> => readFrom(file, offset);

    sinkContract({
      name: title,
      schema: 'cim',
      repeatIsHarmless: false,
      open: async (context) => {
        offset = statSync(file).size;
        return await make(context);
      },
      // A 400 acknowledges nothing, so with acks everything before a refused event is stored twice by design, and is
      // read here as the add-on's macro would show it.
      stored: async () => {
        const uids = (await stored()).map((event) => event.fields.uid);
        return ack ? [...new Set(uids)] : uids;
      },
      poison: (uid) => testDocument(uid, { json: Buffer.from('""') }),
      refused: (context) => make(context, { token: 'wrong' }),
      away: (context) => make(context, { url: 'http://127.0.0.1:9' }),
    });

    it('stores exactly what was sent', async () => {
      offset = statSync(file).size;
      const sink = await make(testContext(), {
        index: 'main',
        source: 'stepsecurity:file',
        host: 'tenant.example',
      });
      const time = 1_753_204_032_007;
      const uid = `quotes-"\\-${Date.now()}`;
      const json = JSON.stringify({
        id: uid,
        text: 'snow ☃ 𝄞 \u0000 "\\ \u2028',
        list: [1, 2.5, null],
        deep: { a: {} },
      });
      await sink.write([testDocument(uid, { time, json: Buffer.from(json) })], live);
      await sink.close?.();
      const [event] = await stored();
      // The receiver notes next to the envelope which request and channel brought it.
      const sent = Object.entries(event ?? {}).filter(([key]) => !key.startsWith('_'));
      expect(Object.fromEntries(sent)).toEqual({
        time: time / 1_000,
        fields: { uid },
        host: 'tenant.example',
        source: 'stepsecurity:file',
        sourcetype: 'stepsecurity:harden_runner:detection',
        index: 'main',
        event: JSON.parse(json),
      });
    });
  });

  describeWith(
    [`${prefix}_ADMIN_URL`, url, 'HEC_TOKEN', `${prefix}_EVENTS`],
    `${title}, through faults`,
    () => {
      const file = need(`${prefix}_EVENTS`);
      const setFaults = async (faults: Record<string, unknown>): Promise<void> => {
        const reply = await fetch(`${need(`${prefix}_ADMIN_URL`)}/admin/faults`, {
          method: 'PUT',
          body: JSON.stringify(faults),
        });
        expect(reply.status).toBe(200);
      };
      afterEach(() => setFaults({}));

      const faults: [string, Record<string, unknown>, 'never' | 'maybe'][] = [
        ['429', { too_many_every: 2 }, 'never'],
        ['busy', { busy_every: 3 }, 'never'],
        ['internal errors', { error_every: 3 }, 'maybe'],
        ['cut connections', { reset_every: 3 }, 'maybe'],
        ['replies lost after the write', { lost_reply: 3 }, 'maybe'],
        ['hangs after the write', { hang_every: 4, hang_ms: 400 }, 'maybe'],
        ['slow replies', { delay_ms: 20 }, 'never'],
      ];
      if (ack) {
        faults.push(['slow acknowledgements', { ack_polls: 3 }, 'never']);
        faults.push(['acknowledgements that never come', { ack_never: 4 }, 'maybe']);
      }

      it.each(faults)('loses nothing and limits the repeats: %s', async (_, fault, repeats) => {
        await setFaults(fault);
        const before = statSync(file).size;
        const context = testContext({ retry: { initialMs: 5, maxMs: 20, maxElapsedMs: 10_000 } });
        const sink = await make(context, {
          request_bytes: 4_000,
          request_timeout: '200ms',
          ...(ack && { ack_timeout: '200ms' }),
        });
        const batches: Document[][] = [documentsOf(60, 'f'), documentsOf(60, 'g')];
        const outcomes = (await Promise.all(batches.map((batch) => sink.write(batch, live)))).flat();
        await sink.close?.();
        expect(new Set(outcomes.map(({ fate }) => fate))).toEqual(new Set(['delivered']));
        const uids = (await readFrom(file, before)).map((event) => event.fields.uid);
        const wanted = batches.flat().map(({ uid }) => uid);
        expect(new Set(uids)).toEqual(new Set(wanted));
        const possibly = context.counters.get('possibly_duplicated') ?? 0;
        expect(uids.length - wanted.length).toBeLessThanOrEqual(possibly);
        if (repeats === 'never') expect(possibly).toBe(0);
        else expect(possibly).toBeGreaterThan(0);
      });

      it('waits while the receiver shuts down, then continues', async () => {
        await setFaults({ down: true, retry_after: 0 });
        const context = testContext({ retry: { initialMs: 20, maxMs: 50, maxElapsedMs: 10_000 } });
        const sink = await make(context);
        const writing = sink.write(documentsOf(3), live);
        setTimeout(() => void setFaults({}), 200);
        expect((await writing).map(({ fate }) => fate)).toEqual(['delivered', 'delivered', 'delivered']);
        await sink.close?.();
        expect(context.counters.get('retries')).toBeGreaterThan(0);
      });
    },
  );

  describeWith([url, 'HEC_TOKEN'], `${title}, the doctor`, () => {
    const check = async (over: Record<string, unknown>): Promise<Record<string, string>> => {
      const options = splunkHecSchema.parse({ url: need(url), token: need('HEC_TOKEN'), ack, ...over });
      const found: Record<string, string> = {};
      const context = { ...testContext() };
      for await (const { check, status } of splunkHec.check?.(options, context) ?? []) found[check] = status;
      return found;
    };

    it('finds no problem', async () => {
      expect(await check({})).toEqual({
        'splunk_hec health': 'ok',
        'splunk_hec authentication': 'ok',
        'splunk_hec ack': 'ok',
        'splunk_hec index': 'ok',
      });
    });

    it('finds a wrong token and checks nothing else', async () => {
      expect(await check({ token: 'wrong' })).toEqual({
        'splunk_hec health': 'ok',
        'splunk_hec authentication': 'failed',
      });
    });

    it('finds that the acknowledgement setting does not match', async () => {
      const found = await check({ ack: !ack });
      expect([found['splunk_hec authentication'], found['splunk_hec ack']]).toEqual(
        ack ? ['failed', undefined] : ['ok', 'failed'],
      );
    });
  });
}

describe('splunk_hec on a receiver', () => {
  suite('HEC', false);
  suite('HEC_ACK', true);
});
