import type { IncomingMessage } from 'node:http';
import { sendGetOf } from '../../aws/client.ts';
import type { GetRequest } from '../../aws/get.ts';
import { timed } from '../../io/timed.ts';
import type { ObjectRef } from '../../objects/object.ts';
import { type Blueprint, readBlueprint } from './blueprint.ts';
import type { Bucket } from './bucket.ts';
import { opaqueTag } from './version.ts';

/** What a GET returned, whether the SDK sent it or we did. */
export interface Reply {
  readonly Body?: unknown;
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
  readonly ContentLength?: number | undefined;
  readonly ContentRange?: string | undefined;
}

/** The object from byte `start` on; `conditional` requests only the version that was listed. */
export type Get = (
  ref: ObjectRef,
  start: number,
  conditional: boolean,
  signal: AbortSignal,
) => Promise<Reply>;

/**
 * After a request that the SDK did better, everything is left to it for this time; twice as long after each further
 * one.
 */
const PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 600_000;

/**
 * GETs without the SDK's machinery, which costs several times what it takes to sign and send a request. An object
 * that does not arrive as listed is requested again `bySdk`, which can interpret every answer. The error of a broken
 * connection is thrown unchanged; the next try of that object goes through the SDK. For one run.
 */
export function directly(bucket: Bucket, bySdk: Get): Get {
  const { meter } = bucket.context;
  const sendGet = sendGetOf(bucket.client);
  /**
   * Each is requested directly once: a failed one is retried through the SDK. `refused` if the reply was not the object
   * as it was listed.
   */
  const asked = new WeakMap<ObjectRef, 'sent' | 'refused'>();
  let blueprint: Promise<Blueprint | undefined> | undefined;
  let pauseMs = PAUSE_MS;
  let pausedUntil = 0;

  const pause = (): void => {
    const now = performance.now();
    if (now < pausedUntil) return;
    pausedUntil = now + pauseMs;
    pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS);
  };

  const requestFor = async (ref: ObjectRef, start: number, conditional: boolean) => {
    try {
      blueprint ??= readBlueprint(bucket);
      return await (await blueprint)?.request(ref.key, {
        ...(conditional && { 'if-match': `"${ref.version}"` }),
        ...(start > 0 && { range: `bytes=${start}-` }),
      });
    } catch {
      // No credentials, no region, a key that no URL can hold: the SDK has better messages.
      blueprint = undefined;
      pause();
      return undefined;
    }
  };

  /** Undefined if the reply is not the object as it was listed. */
  const send = async (
    request: GetRequest,
    ref: ObjectRef,
    signal: AbortSignal,
  ): Promise<Reply | undefined> => {
    const body = await timed(meter, 's3_get', () => sendGet(request, signal));
    const { statusCode = 0 } = body;
    const brings = statusCode === 200 || statusCode === 206;
    const reply = replyOf(body);
    if (brings && opaqueTag(reply.ETag ?? '') === ref.version) {
      pauseMs = PAUSE_MS;
      return reply;
    }
    // It is busy, so it must not be asked twice for each object.
    if (statusCode === 429 || statusCode >= 500) pause();
    letGo(body, brings);
    return undefined;
  };

  return async (ref, start, conditional, signal) => {
    const isTold = ref.version !== '' && ref.unconditional === undefined;
    if (!isTold || performance.now() < pausedUntil) return bySdk(ref, start, conditional, signal);
    if (asked.has(ref)) {
      const reply = await bySdk(ref, start, conditional, signal);
      // The direct request, or its reply, broke off: something between here and S3 may treat the two differently.
      if (asked.get(ref) === 'sent') pause();
      return reply;
    }
    asked.set(ref, 'sent');
    const request = await requestFor(ref, start, conditional);
    if (request === undefined) return bySdk(ref, start, conditional, signal);
    const direct = await send(request, ref, signal);
    if (direct !== undefined) return direct;
    asked.set(ref, 'refused');
    const reply = await bySdk(ref, start, conditional, signal);
    // Not if both replies had another version: then it was rewritten.
    const tag = opaqueTag(reply.ETag ?? '');
    if (tag === '' || tag === ref.version) pause();
    return reply;
  };
}

function replyOf(body: IncomingMessage): Reply {
  const length = headerOf(body, 'content-length');
  return {
    Body: body,
    ETag: headerOf(body, 'etag'),
    ContentLength: length === undefined ? undefined : Number(length),
    ContentRange: headerOf(body, 'content-range'),
  };
}

/** The first header of this name. `headers` would make an object of all of them. */
function headerOf({ rawHeaders }: IncomingMessage, name: string): string | undefined {
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const found = rawHeaders[at];
    if (found?.length === name.length && found.toLowerCase() === name) return rawHeaders[at + 1];
  }
  return undefined;
}

/** The body of an error is short: it is read, so that its socket can be reused. */
function letGo(body: IncomingMessage, isLong: boolean): void {
  body.on('error', () => undefined);
  if (isLong) body.destroy();
  else body.resume();
}
