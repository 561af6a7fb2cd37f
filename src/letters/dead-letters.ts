import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { ConfigError } from '../contracts/errors.ts';
import type { Origin } from '../contracts/types.ts';
import { ConflictError, type Store } from '../state/store.ts';
import { printable } from '../text/printable.ts';
import { type DeadLetter, letterSchema, restId, restLetter, spansOf } from './letter.ts';
import { append, beyond, isAfter, MAX_SPANS, type Span, type Spot } from './spans.ts';
import { type Trace, traceOf, traceSchema } from './trace.ts';

const FOLDER = 'letters/';
/** Traces of discarded letters, without their content. */
const DISCARDED = 'discarded/';
/** A file of letters ends once it exceeds this, because it is read and written as a whole. */
const FILE_BYTES = 4 * 2 ** 20;
/** Others may extend the same letter at the same time: workers that share a queue can receive the same object. */
const TRIES = 20;

/** Some letters, as stored: a few MiB at most. */
export interface LetterFile {
  readonly name: string;
  /** Version of the content, for `replace`. */
  readonly version: string;
  readonly letters: readonly DeadLetter[];
}

export interface DeadLetters {
  /**
   * Resolves with the number of letters once they are durable; of two with the same id, the first counts. A file is
   * named after the ids in it, so writing the same letters again overwrites them.
   */
  write(letters: Iterable<DeadLetter>): Promise<number>;
  /**
   * Adds to the one letter that covers many faults of an object. Spans that are not after its last one are already in
   * it. Calls for one object must be sequential, in the order of its content.
   */
  extend(origin: Origin, spans: readonly Span[]): Promise<void>;
  /** Whether an object has such a letter. */
  isExtended(origin: Origin): Promise<boolean>;
  /** Every file, in order of name. Throws `ConfigError` for a line that is not a letter: someone edited it. */
  files(): AsyncIterable<LetterFile>;
  /** The current content of one file; undefined if it is gone. */
  file(name: string): Promise<LetterFile | undefined>;
  /**
   * Replaces a file with the letters that remain, or removes it if none do. Returns the new file, or undefined if it is
   * gone or if others have added to it since, in which case it is left to them.
   */
  replace(file: LetterFile, letters: readonly DeadLetter[]): Promise<LetterFile | undefined>;
  /**
   * Removes the chosen letters from a file and returns them. A trace of each is made durable first: if the process is
   * killed in between, the letter is still there, and counts as one.
   */
  discard(name: string, isChosen: (letter: DeadLetter) => boolean): Promise<readonly DeadLetter[]>;
  /** The traces of discarded letters. A letter that has come back since has a trace as well, and may have several. */
  discarded(): AsyncIterable<Trace>;
  /** Moves these letters into files of their own, and returns the file names. */
  split(file: LetterFile, parts: readonly (readonly DeadLetter[])[]): Promise<string[]>;
}

export function openDeadLetters(store: Store): DeadLetters {
  const put = async (batch: readonly Line[], folder = FOLDER): Promise<string> => {
    const ids = batch.map(({ id }) => id).sort();
    const name = `${folder}${createHash('sha256').update(ids.join(' ')).digest('hex').slice(0, 32)}.ndjson`;
    await store.put(name, Buffer.from(batch.map(({ line }) => line).join('')));
    return name;
  };
  const read = async (name: string): Promise<LetterFile | undefined> => {
    const stored = await store.get(name);
    if (stored === undefined) return undefined;
    const letters = parse(stored.bytes, `${printable(name)} in ${store.name}`);
    return { name, version: stored.version, letters };
  };
  /** Throws `ConflictError` if the file has changed since it was read. */
  const keep = async ({ name, version }: LetterFile, letters: readonly DeadLetter[]): Promise<string> => {
    // Write even if nothing is left: then the remove cannot delete what someone has just added.
    const now = await store.put(name, Buffer.from(letters.map(lineOf).join('')), version);
    if (letters.length === 0) await store.remove(name);
    return now;
  };
  return {
    async write(letters) {
      const ids = new Set<string>();
      let batch: { id: string; line: string }[] = [];
      let size = 0;
      for (const letter of letters) {
        if (ids.has(letter.id)) continue;
        ids.add(letter.id);
        const line = lineOf(letter);
        if (batch.length > 0 && size + line.length > FILE_BYTES) {
          await put(batch);
          batch = [];
          size = 0;
        }
        batch.push({ id: letter.id, line });
        size += line.length;
      }
      if (batch.length > 0) await put(batch);
      return ids.size;
    },
    async extend(origin, spans) {
      const name = restName(origin);
      for (let left = TRIES; ; left -= 1) {
        const stored = await store.get(name);
        const earlier = stored && parse(stored.bytes, `${printable(name)} in ${store.name}`)[0];
        const letter = extended(origin, earlier, spans);
        if (letter === undefined) return;
        try {
          await store.put(name, Buffer.from(lineOf(letter)), stored?.version ?? null);
          return;
        } catch (error) {
          if (!(error instanceof ConflictError) || left === 0) throw error;
        }
      }
    },
    isExtended: async (origin) => (await store.get(restName(origin))) !== undefined,
    async *files() {
      for await (const name of store.list(FOLDER)) {
        const file = await read(name);
        if (file !== undefined) yield file;
      }
    },
    file: read,
    async replace(file, letters) {
      try {
        const version = await keep(file, letters);
        return letters.length > 0 ? { name: file.name, version, letters } : undefined;
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
      }
      return undefined;
    },
    async discard(name, isChosen) {
      for (let left = TRIES; ; left -= 1) {
        const file = await read(name);
        const chosen = file?.letters.filter(isChosen) ?? [];
        if (file === undefined || chosen.length === 0) return [];
        const at = new Date().toISOString();
        await put(
          chosen.map((letter) => ({ id: letter.id, line: lineOf(traceOf(letter, at)) })),
          DISCARDED,
        );
        try {
          await keep(
            file,
            file.letters.filter((letter) => !chosen.includes(letter)),
          );
          return chosen;
        } catch (error) {
          if (!(error instanceof ConflictError) || left === 0) throw error;
        }
      }
    },
    async *discarded() {
      for await (const name of store.list(DISCARDED)) {
        const stored = await store.get(name);
        if (stored !== undefined)
          yield* parse(stored.bytes, `${printable(name)} in ${store.name}`, traceSchema);
      }
    },
    async split({ name }, parts) {
      const names: string[] = [];
      for (const part of parts) names.push(await put(part.map((one) => ({ id: one.id, line: lineOf(one) }))));
      if (!names.includes(name)) await store.remove(name);
      return names;
    },
  };
}

/** The letter extended by whatever is after its end; undefined if nothing is. */
function extended(
  origin: Origin,
  earlier: DeadLetter | undefined,
  spans: readonly Span[],
): DeadLetter | undefined {
  const known = earlier === undefined ? [] : spansOf(earlier);
  const end = known.reduce<Spot | undefined>(
    (last, one) => (last === undefined || isAfter(one.last, last) ? one.last : last),
    undefined,
  );
  const more = beyond(spans, end);
  if (more.length === 0) return undefined;
  const all: Span[] = known.map((span) => ({ ...span, count: 0, joined: false }));
  for (const span of more) append(all, span, MAX_SPANS);
  const count = more.reduce((sum, one) => sum + one.count, earlier?.rest?.count ?? 0);
  return restLetter(origin, all, count, new Date().toISOString());
}

function restName(origin: Origin): string {
  return `${FOLDER}rest-${restId(origin)}.ndjson`;
}

interface Line {
  readonly id: string;
  readonly line: string;
}

function lineOf(letter: DeadLetter | Trace): string {
  return `${JSON.stringify(letter)}\n`;
}

function parse(bytes: Buffer, where: string): DeadLetter[];
function parse<T>(bytes: Buffer, where: string, schema: z.ZodType<T>): T[];
function parse(bytes: Buffer, where: string, schema: z.ZodType = letterSchema): unknown[] {
  const lines = bytes.toString('utf8').split('\n');
  return lines.flatMap((line, at) => {
    if (line === '') return [];
    try {
      return [schema.parse(JSON.parse(line))];
    } catch (error) {
      throw new ConfigError(`line ${at + 1} of ${where} is not a dead letter: fix or remove it`, {
        cause: error,
      });
    }
  });
}
