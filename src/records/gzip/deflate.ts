import zlib from 'node:zlib';

/**
 * The deflated body of one member. Each step resolves with the content it produced and never rejects; see `failure`.
 */
export interface Deflated {
  write(bytes: Buffer): Promise<Buffer[]>;
  /** The body has ended; bytes written after its end are in `unused`. */
  readonly ended: boolean;
  readonly unused: number;
  readonly failure: Error | undefined;
  close(): void;
}

const CHUNK_BYTES = 64 * 2 ** 10;
/** If a body is damaged in its first bytes, inflate this many bytes at a time. */
const SALVAGE_STEP = 4;

/**
 * One write at a time, with its output collected before the next. Piping would be shorter, but a stream destroyed by an
 * error discards the content it has already produced. Even so, the output of the very call that failed is lost (up to
 * `CHUNK_BYTES`), so a body with a single write is inflated again in small steps.
 */
export function startDeflated(): Deflated {
  let engine = startEngine();
  let writes = 0;
  let written = 0;
  let given = 0;

  const salvage = async (bytes: Buffer): Promise<Buffer[]> => {
    engine.close();
    engine = startEngine();
    const again: Buffer[] = [];
    for (let at = 0; at < bytes.length && !engine.failure; at += SALVAGE_STEP) {
      again.push(...(await engine.write(bytes.subarray(at, at + SALVAGE_STEP))));
    }
    return [Buffer.concat(again).subarray(given)];
  };

  return {
    async write(bytes) {
      writes += 1;
      written += bytes.length;
      const made = await engine.write(bytes);
      for (const piece of made) given += piece.length;
      if (!engine.failure || writes > 1) return made;
      return [...made, ...(await salvage(bytes))];
    },
    get ended() {
      return engine.ended;
    },
    get unused() {
      return written - engine.used;
    },
    get failure() {
      return engine.failure;
    },
    close: () => engine.close(),
  };
}

interface Engine {
  write(bytes: Buffer): Promise<Buffer[]>;
  readonly ended: boolean;
  readonly used: number;
  readonly failure: Error | undefined;
  close(): void;
}

function startEngine(): Engine {
  const stream = zlib.createInflateRaw({ chunkSize: CHUNK_BYTES });
  let made: Buffer[] = [];
  let failure: Error | undefined;
  let ended = false;
  let wake: (() => void) | undefined;
  stream.on('data', (piece: Buffer) => made.push(piece));
  // Only emitted when bytes are left over, which means the body ended in the middle of a write.
  stream.on('end', () => {
    ended = true;
    wake?.();
  });
  stream.on('error', (error) => {
    failure = error;
    wake?.();
  });
  return {
    async write(bytes) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (failure || ended) resolve();
        else stream.write(bytes, () => resolve());
      });
      const ready = made;
      made = [];
      return ready;
    },
    get ended() {
      return ended;
    },
    get used() {
      return stream.bytesWritten;
    },
    get failure() {
      return failure;
    },
    close: () => stream.destroy(),
  };
}
