import { Readable } from 'node:stream';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { classify } from '../../aws/errors.ts';
import { RetryableError } from '../../contracts/errors.ts';
import { timed } from '../../io/timed.ts';
import {
  ObjectChangedError,
  type ObjectRef,
  ObjectUnreadableError,
  type OpenObject,
} from '../../objects/object.ts';
import { printable } from '../../text/printable.ts';
import type { Bucket } from './bucket.ts';
import { directly, type Get, type Reply } from './direct.ts';
import { createObjectErrors } from './object-errors.ts';
import { createPatience } from './patience.ts';
import { bodyFrom } from './ranges.ts';
import { isVersion } from './version.ts';

type Send = ReturnType<GetObjectCommand['resolveMiddleware']>;

/**
 * Opens objects of a bucket, for one run: one GET each, for exactly the version listed. This is requested by
 * `If-Match` and compared with the reply, since some servers ignore one or the other. The first GET of an object
 * bypasses the SDK (`directly`). Throws `RetryableError` for temporary failures; the reader of the body
 * (`readBody`) retries, and reopens a body that breaks off at that point.
 */
export function s3Open(bucket: Bucket): OpenObject {
  const { client, name, requestPayer, context } = bucket;
  const errors = createObjectErrors();
  let conditions = true;
  let resolved: { readonly signal: AbortSignal; readonly send: Send } | undefined;
  /** The SDK assembles its middleware stack for each command; ours only differ in their input. */
  const sendUntil = (signal: AbortSignal): Send => {
    if (resolved?.signal !== signal) {
      const any = new GetObjectCommand({ Bucket: name, Key: '' });
      const send = any.resolveMiddleware(client.middlewareStack, client.config, { abortSignal: signal });
      resolved = { signal, send };
    }
    return resolved.send;
  };
  const bySdk: Get = async (ref, start, conditional, signal) => {
    const input = {
      Bucket: name,
      Key: ref.key,
      ...(conditional && { IfMatch: `"${ref.version}"` }),
      ...(start > 0 && { Range: `bytes=${start}-` }),
      ...(requestPayer !== undefined && { RequestPayer: requestPayer }),
    };
    return (await timed(context.meter, 's3_get', () => sendUntil(signal)({ input }))).output;
  };
  const get = directly(bucket, bySdk);
  /**
   * After a 412, either the version is different or the server compares wrongly. An unconditional request shows
   * which.
   */
  const getAnyway = async (ref: ObjectRef, start: number, signal: AbortSignal): Promise<Reply> => {
    const output = await bySdk(ref, start, false, signal).catch((error: unknown) => {
      if (!isPrecondition(error)) throw error;
      throw new ObjectUnreadableError(
        { code: 'object_unreadable', reason: 'the server answers 412 to a request without a condition' },
        { cause: error },
      );
    });
    if (output.ETag !== undefined && isVersion(ref, told(output))) {
      if (conditions) {
        conditions = false;
        context.log.warn(
          { object: ref.uri, etag: output.ETag },
          'the server refuses If-Match with its own ETag: versions are compared by their replies in this run',
        );
      }
      return output;
    }
    discard(output);
    throw new ObjectChangedError(printable(ref.uri));
  };
  const patience = createPatience(async (ref) => {
    try {
      const { Body } = await bySdk(ref, 0, false, context.abort);
      let bytes = 0;
      if (Body instanceof Readable) for await (const piece of Body) bytes += (piece as Buffer).length;
      return bytes >= ref.size;
    } catch {
      return false;
    }
  });
  return async (ref, start, signal) => {
    const conditional = conditions && ref.version !== '' && ref.unconditional === undefined;
    await patience.check(ref, start);
    const output = await get(ref, start, conditional, signal)
      .catch((error: unknown) => {
        if (!conditional || !isPrecondition(error)) throw error;
        return getAnyway(ref, start, signal);
      })
      .catch((error: unknown) => {
        throw errors.explain(error, ref);
      });
    const { Body } = output;
    if (!(Body instanceof Readable)) throw new RetryableError(`get ${printable(ref.uri)}: no body`);
    try {
      const reply = told(output);
      if (!isVersion(ref, reply)) throw new ObjectChangedError(printable(ref.uri));
      const body = bodyFrom(Body, ref, start, { range: output.ContentRange, total: reply.total });
      errors.succeeded();
      patience.opened(ref, start, Body);
      return body;
    } catch (error) {
      discard(output);
      throw error;
    }
  };
}

function isPrecondition(error: unknown): boolean {
  const { kind, code } = classify(error);
  return kind === 'changed' && code !== 'InvalidRange' && code !== 'HTTP 416';
}

/** A Content-Range has the size of the whole object; without one, so does Content-Length. */
function told({ ETag, LastModified, ContentLength, ContentRange }: Reply) {
  const total = ContentRange === undefined ? ContentLength : totalOf(ContentRange);
  return { ETag, LastModified, total };
}

function totalOf(range: string): number | undefined {
  const digits = /\/(\d+)$/.exec(range)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function discard({ Body }: Reply): void {
  if (Body instanceof Readable) Body.destroy();
}
