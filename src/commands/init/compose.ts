import { stringify } from 'yaml';
import type { Answers, SinkAnswers, SourceAnswers } from './answers.ts';

/**
 * The text of a configuration: the answers, with comments on what may be changed. `schema` is the path of the JSON
 * Schema, which gives an editor on this machine completion and validation.
 */
export function compose({ source, sink, state }: Answers, schema: string): string {
  return `# yaml-language-server: $schema=${schema}
# Configuration of stepsecurity-siem. \`stepsecurity-siem schema\` prints every option there is,
# \`stepsecurity-siem config\` those in effect. \${NAME} is read from the environment.
source:
${indented(sourceLines(source))}
sink:
${indented(sinkLines(sink))}
# What was read and delivered. Without it everything is read again, so keep it with your backups.
state:
${indented(['type: file', `path: ${scalar(state)}`])}
`;
}

function sourceLines(source: SourceAnswers): string[] {
  if (source.type === 'file') return ['type: file', `path: ${scalar(source.path)}`];
  if (source.type === 'api')
    return [
      'type: api',
      '# GitHub organizations.',
      `owners: ${list(source.owners)}`,
      `api_key_file: ${scalar(source.keyFile)}`,
    ];
  const { bucket, region, endpoint, prefixes, start } = source;
  return [
    'type: s3',
    `bucket: ${scalar(bucket)}`,
    ...(region === undefined ? [] : [`region: ${scalar(region)}`]),
    ...(endpoint === undefined ? [] : [`endpoint: ${scalar(endpoint)}`, 'force_path_style: true']),
    '# As entered in the StepSecurity console under Integrations, S3. Threat intelligence has its own folder.',
    prefixes.length === 0
      ? '# prefixes: [detections/]   # default: the whole bucket'
      : `prefixes: ${list(prefixes)}`,
    '# Where the first run starts: beginning, now, or a time such as 2026-01-31T00:00:00Z. Later runs ignore it.',
    `start: ${scalar(start)}`,
  ];
}

function sinkLines(sink: SinkAnswers): string[] {
  if (sink.type === 'splunk_hec')
    return ['type: splunk_hec', `url: ${scalar(sink.url)}`, `token_file: ${scalar(sink.tokenFile)}`];
  return [
    'type: elasticsearch',
    `urls: ${list([sink.url])}`,
    '# The key for runs needs the role in deploy/elasticsearch/roles/run.json; setup needs the one in setup.json.',
    `api_key_file: ${scalar(sink.keyFile)}`,
  ];
}

const indented = (lines: readonly string[]): string => lines.map((line) => `  ${line}`).join('\n');
const scalar = (text: string): string => stringify(text, { lineWidth: 0 }).trimEnd();
const list = (texts: readonly string[]): string =>
  stringify(texts, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trimEnd();
