import { seconds } from './envelope.ts';
import type { SplunkHecOptions } from './options.ts';

/**
 * How a person compares: HEC only accepts events, so Splunk itself must be asked which uids it has. A uid that
 * occurs more than once was sent more than once. Backfilled events keep their own time, so the range is of event
 * time.
 */
export function comparison(
  { index, sourcetype }: Pick<SplunkHecOptions, 'index' | 'sourcetype'>,
  from: number,
  to: number,
): string {
  const where = `index=${index ?? '*'} sourcetype="${sourcetype}" earliest=${seconds(from)} latest=${seconds(to)}`;
  return [
    'The uids that Splunk has, with the number of events and of different detections (if fingerprints is over 1, check their origins):',
    `  ${where} | stats count dc(fingerprint) AS fingerprints by uid`,
    'The same from the index only, which is faster:',
    `  | tstats count where ${where} by uid`,
    'The missing uids, with the file from --uids uploaded as the lookup stepsecurity_uids.csv:',
    `  | tstats count where ${where} by uid | inputlookup append=t stepsecurity_uids.csv | stats sum(count) AS count values(kind) AS kind values(day) AS day by uid | where isnull(count)`,
  ].join('\n');
}
