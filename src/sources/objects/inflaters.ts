import zlib from 'node:zlib';
import { Decompress } from 'fzstd';

/** Pushes compressed bytes in, pulls content out. Content made before damage is given before the error is thrown. */
export interface Inflater {
  push(bytes: Buffer): AsyncIterable<Buffer>;
  /** The compressed bytes are all there; throws when they break off. */
  end(): AsyncIterable<Buffer>;
  close(): void;
}

type ZlibStream = ReturnType<typeof zlib.createGunzip>;

export function gunzipInflater(damaged: (cause: unknown) => Error): Inflater {
  return zlibInflater(zlib.createGunzip({ chunkSize: 64 * 2 ** 10 }), damaged);
}

/** Node's own zstd, which came with 22.15; undefined on older ones. */
export function nativeZstdInflater(damaged: (cause: unknown) => Error): Inflater | undefined {
  const create: unknown = Reflect.get(zlib, 'createZstdDecompress');
  if (typeof create !== 'function') return undefined;
  return zlibInflater(Reflect.apply(create, zlib, [{ chunkSize: 64 * 2 ** 10 }]), damaged);
}

/**
 * One write at a time, and its output collected before the next. Piping would be shorter, but a stream that is
 * destroyed by an error throws away the content it had already made.
 */
function zlibInflater(stream: ZlibStream, damaged: (cause: unknown) => Error): Inflater {
  let made: Buffer[] = [];
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  let written = 0;
  stream.on('data', (piece: Buffer) => made.push(piece));
  stream.on('error', (error) => {
    failure = error;
    wake?.();
  });

  async function* run(start: (done: () => void) => void): AsyncGenerator<Buffer, void, undefined> {
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (failure) resolve();
      else start(resolve);
    });
    const ready = made;
    made = [];
    yield* ready;
    if (failure) throw damaged(failure);
  }

  return {
    push(bytes) {
      written += bytes.length;
      return run((done) => stream.write(bytes, () => done()));
    },
    async *end() {
      yield* run((done) => {
        stream.once('end', done);
        stream.end();
      });
      // zlib ignores what follows the last member; nothing may be lost in silence.
      if (stream.bytesWritten < written) throw damaged(new Error('bytes follow the compressed content'));
    },
    close() {
      stream.destroy();
    },
  };
}

/** Bytes given to `fzstd` at once: a block of 4 bytes can stand for 128 KiB. */
const ZSTD_SLICE = 512;
/** More content than this from one slice is a bomb whatever the average so far. */
const ZSTD_BURST = 32 * 2 ** 20;

/** zstd for a Node that has none of its own. */
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
