import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { Batch, Source, SourceRecord } from '../../src/contracts/types.ts';

/** A place with records in it, from which sources can be created again and again, one for each run. */
export interface SourceHarness {
  /** The texts of its records, in order; at least 6, and one of them is not JSON. */
  readonly texts: readonly string[];
  /** A source as a new run creates it: from the parts saved so far. At most two records per batch. */
  open(parts: ReadonlyMap<string, Buffer>): Promise<Source>;
  close(): Promise<void>;
}

const never = new AbortController().signal;

/** Acts as a checkpoint on what the source gives it. */
function save(source: Source, parts: Map<string, Buffer>): void {
  for (const [name, part] of source.progress()) {
    if (part) parts.set(name, part);
    else parts.delete(name);
  }
}

async function readAll(source: Source): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of source.read(never)) batches.push(batch);
  return batches;
}

/** The text of one record, read again. */
export async function textAt(
  source: Source,
  origin: SourceRecord['origin'],
  offset: number,
): Promise<string | undefined> {
  for await (const record of source.fetch?.(origin, offset, offset) ?? []) {
    if (!record.fault) return record.text;
  }
  return undefined;
}

const recordsOf = (batches: readonly Batch[]): SourceRecord[] =>
  batches.flatMap((batch) => [...batch.records]);
const textsOf = (batches: readonly Batch[]): string[] => recordsOf(batches).map((record) => record.text);

/** What every source with a checkpoint promises (`Source` in types.ts). `make` is called for each case. */
export function sourceContract(name: string, make: () => Promise<SourceHarness>): void {
  const withHarness = async (run: (harness: SourceHarness) => Promise<void>): Promise<void> => {
    const harness = await make();
    try {
      await run(harness);
    } finally {
      await harness.close();
    }
  };
  const withSource = async <T>(
    harness: SourceHarness,
    parts: ReadonlyMap<string, Buffer>,
    run: (source: Source) => Promise<T>,
  ): Promise<T> => {
    const source = await harness.open(parts);
    try {
      return await run(source);
    } finally {
      await source.close?.();
    }
  };

  describe(`source contract: ${name}`, () => {
    it('yields every record in order, even a bad one, in batches that know their size', () =>
      withHarness(async (harness) => {
        const batches = await withSource(harness, new Map(), readAll);
        expect(textsOf(batches)).toEqual(harness.texts);
        expect(batches.length).toBeGreaterThan(1);
        for (const batch of batches) {
          expect(batch.records.length).toBeGreaterThan(0);
          expect(batch.bytes).toBe(batch.records.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0));
        }
      }));

    it('makes no progress before an ack, and reads everything again', () =>
      withHarness(async (harness) => {
        const parts = new Map<string, Buffer>();
        await withSource(harness, parts, async (source) => {
          await readAll(source);
          save(source, parts);
        });
        expect(textsOf(await withSource(harness, parts, readAll))).toEqual(harness.texts);
      }));

    it('yields nothing new after every batch was acked', () =>
      withHarness(async (harness) => {
        const parts = new Map<string, Buffer>();
        await withSource(harness, parts, async (source) => {
          for (const batch of await readAll(source)) await batch.ack();
          save(source, parts);
          expect([...source.progress()]).toEqual([]);
        });
        expect(textsOf(await withSource(harness, parts, readAll))).toEqual([]);
      }));

    it('reads an unacked batch again, whatever later batches were acked', () =>
      withHarness(async (harness) => {
        const parts = new Map<string, Buffer>();
        const missing = await withSource(harness, parts, async (source) => {
          const [first, second, ...rest] = await readAll(source);
          for (const batch of rest.toReversed()) await batch.ack();
          await first?.ack();
          save(source, parts);
          return second?.records.map((record) => record.text) ?? [];
        });
        expect(missing.length).toBeGreaterThan(0);
        const again = textsOf(await withSource(harness, parts, readAll));
        for (const text of missing) expect(again).toContain(text);
        expect(again.length).toBeLessThan(harness.texts.length + 1);
      }));

    it('loses nothing when it stops after each batch in turn', () =>
      withHarness(async (harness) => {
        const parts = new Map<string, Buffer>();
        const seen = new Set<string>();
        for (let run = 0; run < harness.texts.length + 3; run += 1) {
          await withSource(harness, parts, async (source) => {
            for await (const batch of source.read(never)) {
              for (const record of batch.records) seen.add(record.text);
              await batch.ack();
              save(source, parts);
              break;
            }
          });
        }
        expect([...seen].sort()).toEqual([...new Set(harness.texts)].sort());
        expect(textsOf(await withSource(harness, parts, readAll))).toEqual([]);
      }));

    it('ends normally soon after stop', () =>
      withHarness(async (harness) => {
        const stop = new AbortController();
        await withSource(harness, new Map(), async (source) => {
          const reading = (async () => {
            for await (const batch of source.read(stop.signal)) {
              expect(batch.records.length).toBeGreaterThan(0);
              stop.abort();
            }
            return 'ended';
          })();
          expect(await Promise.race([reading, sleep(5_000, 'hung', { ref: false })])).toBe('ended');
        });
      }));

    it('yields nothing when it was stopped before it started', () =>
      withHarness(async (harness) => {
        await withSource(harness, new Map(), async (source) => {
          const batches: Batch[] = [];
          for await (const batch of source.read(AbortSignal.abort())) batches.push(batch);
          expect(batches).toEqual([]);
        });
      }));

    it('reads a record again by origin and offset, where it can', () =>
      withHarness(async (harness) => {
        await withSource(harness, new Map(), async (source) => {
          if (!source.fetch) return;
          for (const record of recordsOf(await readAll(source))) {
            if (!record.fault) expect(await textAt(source, record.origin, record.offset)).toBe(record.text);
          }
          const [first] = recordsOf(await readAll(source));
          if (!first) return;
          expect(await textAt(source, { ...first.origin, version: 'another' }, first.offset)).toBeUndefined();
        });
      }));
  });
}
