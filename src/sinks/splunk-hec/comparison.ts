import { seconds } from './envelope.ts';
import type { SplunkHecOptions } from './options.ts';

/**
 * How a person compares: HEC only takes, so Splunk itself has to be asked which uids it has. A uid that stands more
 * than once was sent more than once. Backfilled events have their own time, so the range is that of event time.
 */
export function comparison(
  { index, sourcetype }: Pick<SplunkHecOptions, 'index' | 'sourcetype'>,
  from: number,
  to: number,
): string {
  const where = `index=${index ?? '*'} sourcetype="${sourcetype}" earliest=${seconds(from)} latest=${seconds(to)}`;
  return [
    'The uids Splunk has, how often, and of how many different detections (fingerprints over 1: look at their origins):',
    `  ${where} | stats count dc(fingerprint) AS fingerprints by uid`,
    'The same from the index alone, faster:',
    `  | tstats count where ${where} by uid`,
    'What is missing, with the file of --uids uploaded as the lookup stepsecurity_uids.csv:',
    `  | tstats count where ${where} by uid | inputlookup append=t stepsecurity_uids.csv | stats sum(count) AS count values(kind) AS kind values(day) AS day by uid | where isnull(count)`,
  ].join('\n');
}
