import { afterEach, describe, expect, it } from '@jest/globals';
import type { Context } from '../../src/contracts/component.ts';
import { ConfigError, UnavailableError } from '../../src/contracts/errors.ts';
import type { Heartbeat } from '../../src/contracts/heartbeat.ts';
import type { Schema } from '../../src/contracts/schema.ts';
import type { Document, Json, Log, Outcome, Sink } from '../../src/contracts/types.ts';
import { live } from '../live.ts';

import { keepsNothing } from './keeps-nothing.ts';
import { lendingTo } from './lent.ts';

/** What the contract suite needs to drive a sink. Leave out a member that cannot be provoked: its test is skipped. */
export interface SinkHarness {
  readonly name: string;
  readonly schema: Schema;
  /** False when the destination cannot tell a repeat from a new document (HEC, files). */
  readonly repeatIsHarmless: boolean;
  /** A sink on an empty destination; called for each test. */
  readonly open: (context: Context) => Promise<Sink>;
  /** The uids stored since the last `open`, in any order, with repeats. */
  readonly stored: () => Promise<readonly string[]>;
  /** The documents stored since the last `open`, in any order. */
  readonly contents?: () => Promise<readonly Json[]>;
  /** Sinks on the same destination that have to send again at first, by the reason why. */
  readonly troubled?: Readonly<Record<string, (context: Context) => Promise<Sink>>>;
  /** Requests with documents since the last `open`. */
  readonly calls?: () => Promise<number>;
  /** Makes the destination reject this document permanently. */
  readonly poison?: (uid: string) => Document;
  /**
   * A sink whose destination calls these uids busy once and then accepts them; `attempts` lists the uids of each
   * request.
   */
  readonly busy?: (
    context: Context,
    uids: readonly string[],
  ) => Promise<{ readonly sink: Sink; readonly attempts: () => readonly (readonly string[])[] }>;
  /** A sink whose credential is refused. */
  readonly refused?: (context: Context) => Promise<Sink>;
  /** A sink whose destination is unavailable: refuses connections, or always answers 503. */
  readonly away?: (context: Context) => Promise<Sink>;
  /** A sink whose destination never answers. */
  readonly silent?: (context: Context) => Promise<Sink>;
  readonly close?: () => Promise<void>;
}

const QUIET: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A context for tests: silent, with short waits, and counters that can be read. */
export function testContext(
  over: Partial<Context> = {},
): Context & { readonly counters: Map<string, number> } {
  const counters = new Map<string, number>();
  return {
    log: QUIET,
    meter: { add: (name, by = 1) => void counters.set(name, (counters.get(name) ?? 0) + by) },
    retry: { initialMs: 5, maxMs: 20, maxElapsedMs: 2_000 },
    abort: new AbortController().signal,
    counters,
    ...over,
  };
}

/** A small document in the shape that both schemas share. */
export function testDocument(uid: string, over: Partial<Document> = {}): Document {
  const time = over.time ?? Date.now();
  const dataset = over.dataset ?? 'detection';
  return {
    uid,
    kind: 'Domain-Blocked',
    dataset,
    time,
    timeIsReceipt: false,
    json: Buffer.from(
      JSON.stringify({
        '@timestamp': new Date(time).toISOString(),
        id: uid,
        event: { id: uid, kind: 'alert', dataset: `stepsecurity.${dataset}` },
        stepsecurity: { fingerprint: 'f'.repeat(32), origin: 's3://bucket/key' },
      }),
    ),
    ...over,
  };
}

/** The ledgers of a run's passes. */
export function testHeartbeat(over: Partial<Heartbeat> = {}): Heartbeat {
  return {
    id: 'writer-1',
    configuration: 'config',
    version: '1.2.3',
    host: 'runner',
    command: 'run',
    source: 's3://bucket',
    sink: 'a sink',
    started: Date.parse('2026-01-02T03:04:05Z'),
    finished: Date.parse('2026-01-02T03:04:07.500Z'),
    passes: 1,
    exitCode: 0,
    complete: true,
    lag: 60,
    counts: { read: 3, delivered: 2, duplicate: 1 },
    lists: { kinds: [{ name: 'Domain-Blocked', count: 3 }], warnings: [] },
    ...over,
  };
}

export function documentsOf(count: number, prefix = 'c'): Document[] {
  const stamp = `${prefix}-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
  return Array.from({ length: count }, (_, index) => testDocument(`${stamp}-${index}`));
}

/** What every sink must do, whatever its destination. */
export function sinkContract(harness: SinkHarness): void {
  const opened: Sink[] = [];
  const keep = (sink: Sink): Sink => {
    opened.push(sink);
    return lendingTo(sink);
  };
  const fates = (outcomes: readonly Outcome[]): string[] => outcomes.map((outcome) => outcome.fate);

  describe(`sink contract: ${harness.name}`, () => {
    afterEach(async () => {
      for (const sink of opened.splice(0)) await sink.close?.();
      await harness.close?.();
    });

    const { refused, away, silent, busy, poison, calls, contents, troubled = {} } = harness;
    const probe = async (sink: Sink, signal: AbortSignal): Promise<void> => {
      if (sink.probe === undefined) throw new Error('it has no probe');
      await sink.probe(signal);
    };
    /** A pass with nothing to write must show the same failures as a write. */
    const asked: [string, (sink: Sink, signal: AbortSignal) => Promise<unknown>][] = [
      ['a write', (sink, signal) => sink.write(documentsOf(2), signal)],
      ['a probe', probe],
    ];

    if (refused) {
      it.each(asked)('%s throws ConfigError for a refused credential', async (_, ask) => {
        const sink = keep(await refused(testContext()));
        await expect(ask(sink, live)).rejects.toThrow(ConfigError);
      });
    }

    if (away) {
      it.each(asked)('%s waits for an outage to end, then throws UnavailableError', async (_, ask) => {
        const context = testContext({ retry: { initialMs: 5, maxMs: 20, maxElapsedMs: 1_000 } });
        const sink = keep(await away(context));
        await expect(ask(sink, live)).rejects.toThrow(UnavailableError);
        expect(context.counters.get('retries') ?? 0).toBeGreaterThan(1);
      });
    }

    if (silent) {
      it.each(asked)('%s ends with the reason for an abort', async (_, ask) => {
        const sink = keep(await silent(testContext()));
        const controller = new AbortController();
        const asking = ask(sink, controller.signal);
        const reason = new Error('grace over');
        setTimeout(() => controller.abort(reason), 50);
        await expect(asking).rejects.toBe(reason);
      });
    }

    it('answers a probe and stores nothing', async () => {
      const sink = keep(await harness.open(testContext()));
      await expect(probe(sink, live)).resolves.toBeUndefined();
      expect(await harness.stored()).toEqual([]);
    });

    it('accepts a heartbeat once; it is not a document and is not counted', async () => {
      const context = testContext();
      const sink = keep(await harness.open(context));
      await sink.heartbeat?.(testHeartbeat(), live);
      expect(await harness.stored()).toEqual([]);
      expect([...context.counters]).toEqual([]);
    });

    it.each(Object.entries({ refused, away }))('says what is wrong with a heartbeat: %s', async (_, make) => {
      const context = testContext();
      const sink = make && keep(await make(context));
      if (sink?.heartbeat === undefined) return;
      await expect(sink.heartbeat(testHeartbeat(), live)).rejects.toThrow(/\d{3}|token|credentials/);
      expect(context.counters.get('retries')).toBeUndefined();
    });

    it('does not start when it is already aborted', async () => {
      const sink = keep(await harness.open(testContext()));
      const reason = new Error('too late');
      await expect(sink.write(documentsOf(1), AbortSignal.abort(reason))).rejects.toBe(reason);
      expect(await harness.stored()).toEqual([]);
    });

    if (busy) {
      it('sends only busy documents again', async () => {
        const documents = documentsOf(5);
        const late = [documents[1], documents[3]].map((document) => document?.uid ?? '');
        const { sink, attempts } = await busy(testContext(), late);
        keep(sink);
        expect(fates(await sink.write(documents, live))).toEqual(Array(5).fill('delivered'));
        expect(attempts()).toEqual([documents.map((document) => document.uid), late]);
      });
    }

    if (poison) {
      it('stores or rejects each document, never both or neither, and pairs outcomes by position', async () => {
        const sink = keep(await harness.open(testContext()));
        const documents = documentsOf(6);
        documents.splice(2, 0, poison(`${documents[0]?.uid}-poison-1`));
        documents.push(poison(`${documents[0]?.uid}-poison-2`));
        const outcomes = await sink.write(documents, live);
        expect(fates(outcomes)).toEqual([
          'delivered',
          'delivered',
          'rejected',
          'delivered',
          'delivered',
          'delivered',
          'delivered',
          'rejected',
        ]);
        for (const outcome of outcomes) {
          if (outcome.fate === 'rejected') expect(outcome.reason).not.toBe('');
        }
        const wanted = documents.filter((_, index) => outcomes[index]?.fate === 'delivered');
        expect([...(await harness.stored())].sort()).toEqual(wanted.map((document) => document.uid).sort());
      });
    }

    it('stores every document of a batch', async () => {
      const sink = keep(await harness.open(testContext()));
      const documents = documentsOf(30);
      expect(fates(await sink.write(documents, live))).toEqual(Array(30).fill('delivered'));
      expect([...(await harness.stored())].sort()).toEqual(documents.map((document) => document.uid).sort());
    });

    it('takes several batches at the same time', async () => {
      const sink = keep(await harness.open(testContext()));
      const batches = [documentsOf(10, 'x'), documentsOf(10, 'y'), documentsOf(10, 'z')];
      const outcomes = await Promise.all(batches.map((batch) => sink.write(batch, live)));
      expect(outcomes.flatMap(fates)).toEqual(Array(30).fill('delivered'));
      const uids = batches.flat().map((document) => document.uid);
      expect([...(await harness.stored())].sort()).toEqual(uids.sort());
    });

    if (contents) {
      it('reads no document once its write has settled', async () => {
        const batches = [documentsOf(10, 'x'), documentsOf(10, 'y'), documentsOf(10, 'z')];
        await keepsNothing({ open: harness.open, contents }, testContext(), batches);
      });

      for (const [what, open] of Object.entries(troubled)) {
        it(`nor when it has to send again: ${what}`, async () => {
          const context = testContext();
          const batches = [documentsOf(10, 'x'), documentsOf(10, 'y'), documentsOf(10, 'z')];
          await keepsNothing({ open, contents }, context, batches);
          expect(context.counters.get('retries') ?? 0).toBeGreaterThan(0);
        });
      }
    }

    it('sends no request for an empty batch', async () => {
      const sink = keep(await harness.open(testContext()));
      expect(await sink.write([], live)).toEqual([]);
      if (calls) expect(await calls()).toBe(0);
      expect(await harness.stored()).toEqual([]);
    });

    if (harness.repeatIsHarmless) {
      it('changes nothing when a batch is repeated', async () => {
        const sink = keep(await harness.open(testContext()));
        const documents = documentsOf(5);
        await sink.write(documents, live);
        expect(fates(await sink.write(documents, live))).toEqual(Array(5).fill('duplicate'));
        expect([...(await harness.stored())].sort()).toEqual(
          documents.map((document) => document.uid).sort(),
        );
      });
    }
  });
}
