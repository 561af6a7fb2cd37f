import type { Document } from '../../contracts/types.ts';
import { inSlices } from '../gzip.ts';
import { ROLE_SOURCETYPES, type SplunkHecOptions } from './options.ts';

/** Epoch milliseconds as plain decimal seconds; HEC refuses exponents and ignores a time given as text. */
export function seconds(milliseconds: number): string {
  return (Math.trunc(milliseconds) / 1_000).toFixed(3);
}

/** A document as sent to HEC: `head`, its JSON unchanged, and a closing brace, on a line of their own. */
export interface Envelope {
  readonly head: string;
  readonly json: Buffer;
  /** Total size in bytes. */
  readonly bytes: number;
}

const END = Buffer.from('}\n');

/**
 * Creates envelopes. The uid is also an indexed field, for fast de-duplication with `tstats`. The envelope's `time`
 * takes precedence over anything Splunk would extract.
 */
export function createEnvelope(
  options: Pick<SplunkHecOptions, 'host' | 'sourcetype' | 'index' | 'source'>,
  sourceLabel: string | undefined,
): (document: Document) => Envelope {
  const tail = (sourcetype: string): string => {
    const meta = {
      host: options.host,
      source: options.source ?? (sourceLabel === undefined ? 'stepsecurity' : `stepsecurity:${sourceLabel}`),
      sourcetype,
      ...(options.index !== undefined && { index: options.index }),
    };
    return `${JSON.stringify(meta).slice(1, -1)},"event":`;
  };
  const detection = tail(options.sourcetype);
  const activity = tail(ROLE_SOURCETYPES.activity);
  const stateChange = tail(ROLE_SOURCETYPES.state_change);
  const tailOf = (role: Document['role']): string => {
    if (role === undefined) return detection;
    return role === 'activity' ? activity : stateChange;
  };
  return ({ time, uid, role, json }) => {
    const head = `{"time":${seconds(time)},"fields":{"uid":${JSON.stringify(uid)}},${tailOf(role)}`;
    return { head, json, bytes: Buffer.byteLength(head) + json.length + END.length };
  };
}

type Envelopes = readonly Envelope[];

/** Envelopes as the body of a request, joined as bytes: strings would make up most of the garbage. */
export function bodyOf(envelopes: Envelopes): Buffer {
  const body = Buffer.allocUnsafe(bytesOf(envelopes));
  let at = 0;
  for (const envelope of envelopes) at = put(envelope, body, at);
  return body;
}

export function bytesOf(envelopes: Envelopes): number {
  return envelopes.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The body in slices that share the same memory: each is valid until the next is requested. */
export function slicesOf(envelopes: Envelopes): Generator<Buffer> {
  return inSlices(envelopes, ({ bytes }) => bytes, put);
}

function put({ head, json }: Envelope, body: Buffer, from: number): number {
  let at = from + body.write(head, from);
  body.set(json, at);
  at += json.length;
  body.set(END, at);
  return at + END.length;
}
