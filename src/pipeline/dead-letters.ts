import { createHash } from 'node:crypto';
import { z } from 'zod';
import { redactRaw } from '../detections/redact.ts';
import { ConfigError } from '../errors.ts';
import type { Store } from '../state/store.ts';
import type { SourceRecord } from '../types.ts';

export const letterSchema = z.object({
  /** The same piece of content that fails again has the same id: a re-run overwrites, and readers count it once. */
  id: z.string(),
  /** When it was written, ISO 8601. */
  at: z.string(),
  uid: z.string().optional(),
  kind: z.string().optional(),
  stage: z.enum(['read', 'decode', 'write']),
  code: z.string(),
  reason: z.string(),
  origin: z.object({
    source: z.string(),
    uri: z.string(),
    version: z.string().optional(),
    offset: z.number(),
    /** Place in a grouped record. */
    index: z.number().optional(),
  }),
  /** Redacted, and cut where it is very long. */
  text: z.string(),
});

/** What could not be delivered: what, where from, at which stage and why. */
export type DeadLetter = z.output<typeof letterSchema>;

/** Text kept of one letter; a replay reads the origin again, so a cut is no loss while that exists. */
const MAX_TEXT = 64 * 1_024;
const FOLDER = 'letters/';

export interface Failure {
  readonly record: SourceRecord;
  readonly index?: number | undefined;
  readonly uid?: string;
  readonly kind?: string;
  readonly stage: DeadLetter['stage'];
  readonly code: string;
  readonly reason: string;
  /** Already redacted text; absent: the record's own, redacted here. */
  readonly text?: string;
}

export function toLetter(failure: Failure, at: string): DeadLetter {
  const { record, index, uid, kind, stage, code, reason } = failure;
  const { source, uri, version } = record.origin;
  const id = createHash('sha256')
    .update(JSON.stringify([uri, version ?? '', record.offset, index ?? -1, uid ?? '']))
    .digest('hex')
    .slice(0, 32);
  return {
    id,
    at,
    ...(uid === undefined ? {} : { uid }),
    ...(kind === undefined ? {} : { kind }),
    stage,
    code,
    reason,
    origin: {
      source,
      uri,
      ...(version === undefined ? {} : { version }),
      offset: record.offset,
      ...(index === undefined ? {} : { index }),
    },
    text: (failure.text ?? redactRaw(record.text)).slice(0, MAX_TEXT),
  };
}

/** The letters of one batch, as stored. */
interface LetterFile {
  readonly name: string;
  readonly letters: readonly DeadLetter[];
}

export interface DeadLetters {
  /** Durable when it resolves. Named by the letters' ids: the same letters again overwrite themselves. */
  write(letters: readonly DeadLetter[]): Promise<void>;
  /** Every file, in the order of names. A line that is no letter is a `ConfigError`: somebody edited it. */
  files(): AsyncIterable<LetterFile>;
  /** Puts what remains of a file; none removes it. */
  replace(name: string, letters: readonly DeadLetter[]): Promise<void>;
}

export function openDeadLetters(store: Store): DeadLetters {
  return {
    async write(letters) {
      if (letters.length === 0) return;
      const ids = letters.map(({ id }) => id).sort();
      const name = createHash('sha256').update(ids.join(' ')).digest('hex').slice(0, 32);
      await store.put(`${FOLDER}${name}.ndjson`, encode(letters));
    },
    async *files() {
      for await (const name of store.list(FOLDER)) {
        const stored = await store.get(name);
        if (stored !== undefined) yield { name, letters: parse(stored.bytes, `${name} in ${store.name}`) };
      }
    },
    async replace(name, letters) {
      if (letters.length === 0) await store.remove(name);
      else await store.put(name, encode(letters));
    },
  };
}

function encode(letters: readonly DeadLetter[]): Buffer {
  return Buffer.from(letters.map((letter) => `${JSON.stringify(letter)}\n`).join(''));
}

function parse(bytes: Buffer, where: string): DeadLetter[] {
  const lines = bytes.toString('utf8').split('\n');
  return lines.flatMap((line, at) => {
    if (line === '') return [];
    try {
      return [letterSchema.parse(JSON.parse(line))];
    } catch (error) {
      throw new ConfigError(`line ${at + 1} of ${where} is no dead letter: mend or remove it`, {
        cause: error,
      });
    }
  });
}
