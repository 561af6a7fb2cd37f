import type { Document } from '../../types.ts';
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

/**
 * Makes the envelope of a document as text, around its JSON as it is. The uid is also an indexed field, for fast
 * de-duplication by `tstats`. The envelope's `time` wins over anything Splunk would extract.
 */
export function makeEnvelope(
  options: Pick<SplunkHecOptions, 'host' | 'sourcetype' | 'index' | 'source'>,
  sourceName: string | undefined,
): (document: Document) => string {
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
  return (document) =>
    `{"time":${seconds(document.time)},"fields":{"uid":${JSON.stringify(document.uid)}},${
      document.role === 'activity' ? activity : detection
    }${document.json.toString()}}\n`;
}
