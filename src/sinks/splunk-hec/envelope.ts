import type { Document } from '../../contracts/types.ts';
import { ROLE_SOURCETYPES, type SplunkHecOptions } from './options.ts';

/** Epoch milliseconds as plain decimal seconds; HEC refuses exponents and reads text as no time at all. */
export function seconds(milliseconds: number): string {
  return (Math.trunc(milliseconds) / 1_000).toFixed(3);
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
