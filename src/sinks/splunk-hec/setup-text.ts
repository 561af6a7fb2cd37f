import { ROLE_SOURCETYPES, type SplunkHecOptions } from './options.ts';

const DEFAULT_INDEX = 'stepsecurity';

/** The `setup --print` text for Splunk: an index, a token that may write to it and nothing else, and the add-on. */
export function setupText(options: SplunkHecOptions): string {
  const index = options.index ?? DEFAULT_INDEX;
  const sourcetypes = [options.sourcetype, ...Object.values(ROLE_SOURCETYPES)];
  const port = new URL(options.url).port || '8088';
  return `Splunk setup for stepsecurity-siem

1. The index (indexers; on Splunk Cloud: Settings > Indexes > New Index, name "${index}")

   # indexes.conf
   [${index}]
   homePath   = $SPLUNK_DB/${index}/db
   coldPath   = $SPLUNK_DB/${index}/colddb
   thawedPath = $SPLUNK_DB/${index}/thaweddb
   # keep detections for 400 days
   frozenTimePeriodInSecs = 34560000

2. The token (where HEC listens; on Splunk Cloud: Settings > Data inputs > HTTP Event Collector > New Token)
   Least privilege: the token writes to this index only, reads nothing, and is used by nothing else.
   Do not reuse a token, and do not leave "indexes" empty: Splunk then accepts any index name.

   # inputs.conf
   [http]
   disabled = 0
   enableSSL = 1
   port = ${port}

   [http://stepsecurity-siem]
   disabled = 0
   token = <a new GUID: uuidgen>
   index = ${index}
   indexes = ${index}
   sourcetype = ${options.sourcetype}
   useACK = ${options.ack ? 1 : 0}

   ${
     options.ack
       ? 'useACK = 1 because ack: true. Splunk Cloud offers acknowledgement to Firehose only.'
       : 'useACK = 0 because ack: false. With useACK = 1, Splunk refuses events without a channel: in that case, set ack: true.'
   }

3. The token reaches stepsecurity-siem by the environment or a file, never in the configuration itself

   sink:
     type: splunk_hec
     url: ${new URL(options.url).origin}
     token: \${SPLUNK_HEC_TOKEN}        # or token_file: /run/secrets/splunk-hec-token
     index: ${index}
     ack: ${options.ack}

4. The add-on (search heads)
   "StepSecurity Add-on for Splunk" (TA-stepsecurity): npm run build:splunk-addon, install build/TA-stepsecurity-*.tgz.
   Set the macro stepsecurity_index when the index is not "${DEFAULT_INDEX}"${
     index === DEFAULT_INDEX ? '' : ` (here: index=${index})`
   }.

5. Confirm
   stepsecurity-siem check
   index=${index} sourcetype IN (${sourcetypes.map((one) => `"${one}"`).join(', ')}) | stats count by sourcetype signature
   In the roles that analysts hold, add "${index}" to the searchable indexes (authorize.conf: srchIndexesAllowed).
`;
}
