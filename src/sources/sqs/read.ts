import type { SourceContext } from '../../contracts/source.ts';
import type { Batch } from '../../contracts/types.ts';
import { batches } from '../../objects/batches.ts';
import { namingFailed } from '../../objects/failing.ts';
import { objectId } from '../../objects/identity.ts';
import { isNothing } from '../../objects/nothing.ts';
import {
  type Chunk,
  ObjectChangedError,
  type ObjectRef,
  ObjectUnreadableError,
  type OpenObject,
} from '../../objects/object.ts';
import { readObjects } from '../../objects/reader.ts';
import type { Bucket } from '../s3/bucket.ts';
import { look } from '../s3/fetch-range.ts';
import { s3Open } from '../s3/open.ts';
import type { Template } from '../s3/template.ts';
import { UNKNOWN_SIZE } from '../s3/version.ts';
import { covers } from './covers.ts';
import { createHoldings } from './holdings.ts';
import { readMessage, type Written } from './message.ts';
import { type Queue, type Received, receive } from './queue.ts';
import { createWork } from './work.ts';

export interface QueueReaderOptions {
  readonly queue: Queue;
  readonly bucket: Bucket;
  readonly templates: readonly Template[];
  readonly context: Pick<SourceContext, 'batch' | 'limits' | 'isOurs'>;
  readonly window: { readonly objects: number; readonly bytes: number };
}

export interface QueueReader {
  /** Contract of `Source.read`: ends when the queue answers without messages. */
  read(stop: AbortSignal): AsyncGenerator<Batch, void, undefined>;
  /** Whether the last pass found objects that could not be read: the queue will hand them out again. */
  leftUnread(): boolean;
  /** Returns the messages that are not done. */
  close(): Promise<void>;
}

/** How long a reply in flight may take. */
const REPLY_MS = 1_000;
/** A message received this often was held by readers that died, so its objects are read alone. */
const SUSPICIOUS_RECEIVES = 3;
const NO_ATTEMPTS: ReadonlyMap<string, number> = new Map();

/**
 * Reads the objects that the messages of a queue name, and deletes a message once everything it asks for is acked. If
 * an object cannot be read, its message is left to the queue, whose redrive policy limits the attempts.
 */
export function createQueueReader(options: QueueReaderOptions): QueueReader {
  const { queue, bucket, templates, context, window } = options;
  const { abort, log, meter, retry } = bucket.context;
  const holdings = createHoldings(queue);
  const work = createWork(window.bytes, (held, end) => {
    if (end === 'done') holdings.finish(held);
    else if (end === 'changed') holdings.giveBack(held);
    else holdings.lapse(held);
  });
  const changed = new Set<string>();
  /** Objects of redelivered messages, in their current state. */
  const foundAgain = new WeakSet<ObjectRef>();
  const openPlain = s3Open(bucket);
  const warned = new Set<string>();
  let unread = 0;
  let receiving: Promise<unknown> = Promise.resolve();

  const open: OpenObject = async (ref, start, signal) => {
    try {
      return await openPlain(ref, start, signal);
    } catch (error) {
      if (!(error instanceof ObjectChangedError)) throw error;
      // It was looked up a moment ago, so it either changes all the time, or the server's HEAD and GET contradict each
      // other.
      if (foundAgain.has(ref)) throw unreadable(error);
      changed.add(objectId(ref));
      throw error;
    }
  };

  const warnOnce = (fields: Record<string, unknown>, sentence: string): void => {
    if (!warned.has(sentence)) log.warn(fields, sentence);
    warned.add(sentence);
  };

  /** The objects of a message that have to be read. */
  const openMessage = async (message: Received, held = holdings.take(message)): Promise<ObjectRef[]> => {
    if (message.receives > 1) meter.add('queue_redelivered');
    if (held === undefined) return [];
    const content = readMessage(message.body);
    if ('unreadable' in content) {
      meter.add('queue_unreadable');
      warnOnce(
        { message: message.id, reason: content.unreadable },
        'a message of the queue cannot be understood; it and others like it are left to the redrive policy',
      );
      holdings.lapse(held);
      return [];
    }
    meter.add('queue_ignored', content.ignored);
    const refs: ObjectRef[] = [];
    for (const written of content.written) {
      const { bucket: name, key } = written;
      if (name !== bucket.name || !templates.some((template) => covers(template, key))) {
        meter.add('queue_ignored');
        // Fine for a queue that serves others too, but wrong if the bucket or prefixes are misspelled.
        warnOnce(
          { object: `s3://${name}/${key}` },
          'an event of the queue is for another bucket or prefix; it and others like it are deleted',
        );
      } else if (context.isOurs?.(key)) meter.add('objects_ours');
      else {
        const ref = await refOf(written, message.receives);
        if (isNothing(ref)) meter.add('objects_ignored');
        else refs.push(ref);
      }
    }
    return work.begin(held, refs);
  };

  /**
   * The version named by the event or, for a redelivered message, the current one: an earlier reading may have found it
   * rewritten, and two concurrent writes may have produced only one event.
   */
  const refOf = async ({ key, version, size, time }: Written, receives: number): Promise<ObjectRef> => {
    const uri = `s3://${bucket.name}/${key}`;
    const told = { uri, key, version: version ?? '', size: size ?? UNKNOWN_SIZE, modified: time };
    if (receives === 1 && version !== undefined && size !== undefined) return told;
    const found = await look(bucket, key, { source: 's3', uri });
    if (found !== undefined && receives > 1) foundAgain.add(found);
    return found ?? told;
  };

  /**
   * Messages, or none if the queue is empty or we are stopping. Messages that arrive after a stop are held, so that
   * `close` can return them.
   */
  const ask = async (stop: AbortSignal): Promise<Received[]> => {
    const late = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const stopped = (): void => {
      // Let a reply in flight arrive: its messages have been handed out, and would be missing until they lapse.
      timer = setTimeout(() => late.abort(stop.reason), REPLY_MS);
    };
    stop.addEventListener('abort', stopped, { once: true });
    try {
      const messages = await receive(queue, AbortSignal.any([abort, late.signal]));
      if (!stop.aborted) return messages;
      for (const message of messages) holdings.take(message);
      return [];
    } finally {
      clearTimeout(timer);
      stop.removeEventListener('abort', stopped);
    }
  };

  /** Receives while the finished messages are deleted. If either fails, `close` returns what was received. */
  const askAndFlush = async (stop: AbortSignal): Promise<Received[]> => {
    const asked = ask(stop);
    receiving = asked;
    try {
      const [messages] = await Promise.all([asked, holdings.flush()]);
      return messages;
    } catch (error) {
      const keep = (messages: readonly Received[]): void => {
        for (const message of messages) holdings.take(message);
      };
      receiving = asked.then(keep).catch(() => undefined);
      throw error;
    }
  };

  /** One at a time, after all others are done, so that the redrive policy does not take any of those along. */
  async function* alone(messages: readonly Received[], signal: AbortSignal): AsyncGenerator<ObjectRef> {
    const waiting = messages.flatMap((message) => {
      const held = holdings.take(message);
      return held === undefined ? [] : [{ message, held }];
    });
    for (const { message, held } of waiting.toSorted((a, b) => a.message.receives - b.message.receives)) {
      await work.idle(signal);
      await holdings.flush();
      if (signal.aborted) return;
      yield* await openMessage(message, held);
    }
    if (waiting.length > 0) await work.idle(signal);
  }

  async function* wanted(stop: AbortSignal): AsyncGenerator<ObjectRef> {
    const signal = AbortSignal.any([abort, stop]);
    try {
      for (;;) {
        // Messages received while a large object is being read would wait for it here, instead of being read elsewhere.
        await work.quiet(signal);
        if (signal.aborted) return;
        const messages = await askAndFlush(stop);
        if (messages.length === 0) return;
        const refs: ObjectRef[] = [];
        const suspicious = messages.filter(({ receives }) => receives >= SUSPICIOUS_RECEIVES);
        for (const message of messages)
          if (!suspicious.includes(message)) refs.push(...(await openMessage(message)));
        yield* refs.toSorted((a, b) => a.size - b.size);
        yield* alone(suspicious, signal);
      }
    } catch (error) {
      if (!stop.aborted || abort.aborted) throw error;
    }
  }

  async function* chunks(stop: AbortSignal): AsyncGenerator<Chunk> {
    const { batch, limits } = context;
    const how = { source: 's3', open, stop, abort, log, meter, retry, window, batch, limits };
    const sentence = 'an object could not be read; its message is left to the redrive policy of the queue';
    for await (const chunk of namingFailed(readObjects(wanted(stop), how), log, sentence)) {
      meter.add('objects_failed', chunk.failed.length);
      unread += chunk.failed.length;
      for (const { ref } of chunk.failed) work.finish(ref, 'unreadable');
      yield chunk.failed.length === 0 ? chunk : { ...chunk, failed: [] };
    }
  }

  const settle = (chunk: Chunk): void => {
    meter.add('objects_read', chunk.done.length);
    for (const ref of chunk.done) work.finish(ref, 'done');
    for (const ref of chunk.missed) work.finish(ref, changed.delete(objectId(ref)) ? 'changed' : 'done');
  };

  return {
    leftUnread: () => unread > 0,
    async *read(stop) {
      unread = 0;
      // An abandoned request would receive messages that no one reads.
      const left = new AbortController();
      const all = chunks(AbortSignal.any([stop, left.signal]));
      try {
        for await (const batch of batches(all, { source: 's3', attempts: NO_ATTEMPTS, settle })) {
          yield {
            ...batch,
            ack: async () => {
              await batch.ack();
              await holdings.flush();
            },
          };
        }
        await holdings.flush();
      } finally {
        left.abort();
      }
    },
    async close() {
      await receiving.catch(() => undefined);
      await holdings.close();
    },
  };
}

function unreadable(cause: unknown): ObjectUnreadableError {
  const reason = 'whenever it is read, it turns out to be another version than announced';
  return new ObjectUnreadableError({ code: 'object_unreadable', reason }, { cause });
}
