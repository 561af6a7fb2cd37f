import type { Document } from '../../contracts/types.ts';
import { ACTIVITY_SOURCETYPE, type SplunkHecOptions } from './options.ts';

/** Epoch milliseconds as plain decimal seconds; HEC refuses exponents and reads text as no time at all. */
export function seconds(milliseconds: number): string {
  return (Math.trunc(milliseconds) / 1_000).toFixed(3);
}

/**
 * The Splunk `source` for the name of a source: few values, never a key. `s3://bucket/prefix` is
 * `stepsecurity:s3:bucket`, a URL `stepsecurity:api`, anything else its first word: `stepsecurity:file`.
 */
export function sourceLabel(sourceName: string | undefined): string {
  if (sourceName === undefined) return 'stepsecurity';
  const bucket = /^s3:\/\/([^/]+)/.exec(sourceName)?.[1];
  if (bucket !== undefined) return `stepsecurity:s3:${bucket}`;
  if (/^https?:/.test(sourceName)) return 'stepsecurity:api';
  return `stepsecurity:${/^[a-z0-9_]+/i.exec(sourceName)?.[0] ?? 'other'}`;
}

/** What HEC gets of a document: `head`, its JSON as it is, and a closing brace on a line of their own. */
export interface Envelope {
  readonly head: string;
  readonly json: Buffer;
  /** Bytes of it all. */
  readonly bytes: number;
}

const END = Buffer.from('}\n');

/**
 * Makes envelopes. The uid is also an indexed field, for fast de-duplication by `tstats`. The envelope's `time` wins over
 * anything Splunk would extract.
 */
export function makeEnvelope(
  options: Pick<SplunkHecOptions, 'host' | 'sourcetype' | 'index' | 'source'>,
  sourceName: string | undefined,
): (document: Document) => Envelope {
  const tail = (sourcetype: string): string => {
    const meta = {
      host: options.host,
      source: options.source ?? sourceLabel(sourceName),
      sourcetype,
      ...(options.index !== undefined && { index: options.index }),
    };
    return `${JSON.stringify(meta).slice(1, -1)},"event":`;
  };
  const detection = tail(options.sourcetype);
  const activity = tail(ACTIVITY_SOURCETYPE);
  return ({ time, uid, role, json }) => {
    const meta = role === 'activity' ? activity : detection;
    const head = `{"time":${seconds(time)},"fields":{"uid":${JSON.stringify(uid)}},${meta}`;
    return { head, json, bytes: Buffer.byteLength(head) + json.length + END.length };
  };
}

/** Envelopes as the text of a request: joined as bytes, since a text for each would be the most of what is collected. */
export function envelopesText(envelopes: readonly Envelope[]): string {
  const body = Buffer.allocUnsafe(envelopes.reduce((sum, { bytes }) => sum + bytes, 0));
  let at = 0;
  for (const { head, json } of envelopes) {
    at += body.write(head, at);
    body.set(json, at);
    at += json.length;
    body.set(END, at);
    at += END.length;
  }
  return body.toString();
}
