import zlib from 'node:zlib';
import { Decompress } from 'fzstd';

/** Pushes compressed bytes in, pulls content out. Content made before damage is given before the error is thrown. */
export interface Inflater {
  push(bytes: Buffer): AsyncIterable<Buffer>;
  /** The compressed bytes are all there; throws when they break off. */
  end(): AsyncIterable<Buffer>;
  close(): void;
}

const CHUNK_BYTES = 64 * 2 ** 10;
/** Not longer than the checksum behind the content: the step that finds it wrong then holds no content. */
const SALVAGE_STEP = 4;

type ZlibStream = ReturnType<typeof zlib.createGunzip>;

export function gunzipInflater(damaged: (cause: unknown) => Error): Inflater {
  return zlibInflater(() => zlib.createGunzip({ chunkSize: CHUNK_BYTES }), damaged);
}

/**
 * One write at a time, and its output collected before the next. Piping would be shorter, but a stream that is
 * destroyed by an error throws away the content it had already made. What zlib made in the very call that failed is
 * lost even so (up to `CHUNK_BYTES`); a small object is therefore inflated once more, in small steps.
 */
function zlibInflater(create: () => ZlibStream, damaged: (cause: unknown) => Error): Inflater {
  let engine = startEngine(create());
  let first: Buffer | undefined;
  let pushes = 0;
  let given = 0;

  async function* give(pieces: readonly Buffer[], from = 0): AsyncGenerator<Buffer, void, undefined> {
    let at = 0;
    for (const piece of pieces) {
      const fresh = piece.subarray(Math.max(0, from - at));
      at += piece.length;
      if (fresh.length === 0) continue;
      given += fresh.length;
      yield fresh;
    }
  }

  async function* fail(cause: unknown): AsyncGenerator<Buffer, void, undefined> {
    if (first && pushes === 1) {
      engine.close();
      engine = startEngine(create());
      const again: Buffer[] = [];
      for (let at = 0; at < first.length && !engine.failure; at += SALVAGE_STEP) {
        again.push(...(await engine.write(first.subarray(at, at + SALVAGE_STEP))));
      }
      yield* give(again, given);
    }
    throw damaged(cause);
  }

  return {
    async *push(bytes) {
      pushes += 1;
      first = pushes === 1 ? bytes : undefined;
      yield* give(await engine.write(bytes));
      if (engine.failure) yield* fail(engine.failure);
    },
    async *end() {
      yield* give(await engine.end());
      if (engine.failure) yield* fail(engine.failure);
    },
    close: () => engine.close(),
  };
}

/** A zlib stream, one call at a time; each resolves with what it made, and never rejects: see `failure`. */
interface Engine {
  write(bytes: Buffer): Promise<Buffer[]>;
  end(): Promise<Buffer[]>;
  close(): void;
  readonly failure: Error | undefined;
}

function startEngine(stream: ZlibStream): Engine {
  let made: Buffer[] = [];
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  stream.on('data', (piece: Buffer) => made.push(piece));
  stream.on('error', (error) => {
    failure = error;
    wake?.();
  });
  const run = async (start: (done: () => void) => void): Promise<Buffer[]> => {
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (failure) resolve();
      else start(resolve);
    });
    const ready = made;
    made = [];
    return ready;
  };
  return {
    write: (bytes) => run((done) => stream.write(bytes, () => done())),
    end: () =>
      run((done) => {
        stream.once('end', done);
        stream.end();
      }),
    close: () => stream.destroy(),
    get failure() {
      return failure;
    },
  };
}

/** Bytes given to `fzstd` at once: a block of 4 bytes can stand for 128 KiB. */
const ZSTD_SLICE = 512;
/** More content than this from one slice is a bomb whatever the average so far. */
const ZSTD_BURST = 32 * 2 ** 20;

/** zstd, on every Node the same: 20 has none of its own, and that of 24 waits for ever behind a second frame. */
export function zstdInflater(damaged: (cause: unknown) => Error, bomb: () => Error): Inflater {
  let made: Buffer[] = [];
  let burst = 0;
  let tooMuch: Error | undefined;
  const decompress = new Decompress((piece) => {
    burst += piece.length;
    if (burst > ZSTD_BURST) {
      tooMuch = bomb();
      throw tooMuch;
    }
    if (piece.length > 0) made.push(Buffer.from(piece.buffer, piece.byteOffset, piece.length));
  });

  function* take(bytes: Buffer, final: boolean): Generator<Buffer, void, undefined> {
    burst = 0;
    let failure: Error | undefined;
    try {
      decompress.push(bytes, final);
    } catch (error) {
      failure = tooMuch ?? damaged(error);
    }
    const ready = made;
    made = [];
    yield* ready;
    if (failure) throw failure;
  }

  return {
    async *push(bytes) {
      for (let at = 0; at < bytes.length; at += ZSTD_SLICE)
        yield* take(bytes.subarray(at, at + ZSTD_SLICE), false);
    },
    async *end() {
      yield* take(Buffer.alloc(0), true);
    },
    close() {},
  };
}
