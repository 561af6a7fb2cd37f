import { homedir } from 'node:os';
import { dirname, join, parse, resolve } from 'node:path';
import { ConfigError } from '../../contracts/errors.ts';
import { STANDARD_FILE } from '../flags.ts';
import type { Answers, SinkAnswers, SourceAnswers } from './answers.ts';
import { type Complaint, isMoment, isUrl, oneOf } from './complaint.ts';

export interface InitFlags {
  readonly output: string;
  readonly s3?: string | undefined;
  readonly file?: string | undefined;
  readonly owner?: readonly string[] | undefined;
  readonly 'stepsecurity-key-file'?: string | undefined;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly start?: string | undefined;
  readonly elasticsearch?: string | undefined;
  readonly 'api-key-file'?: string | undefined;
  readonly splunk?: string | undefined;
  readonly 'token-file'?: string | undefined;
  readonly state?: string | undefined;
}

/** Asks a person; `standard` is the meaning of an empty answer. Undefined if there is no one to ask. */
export type Ask = ((question: string, standard?: string) => Promise<string>) | undefined;

interface Question {
  /** The flag for this value, named if there is no one to ask. */
  readonly flag: string;
  readonly given: string | undefined;
  readonly text: string;
  readonly standard?: string;
  /** The default is only a suggestion: nothing else may choose it. */
  readonly isChoice?: true;
  readonly complaint?: Complaint;
}
type Find = (question: Question) => Promise<string>;

/**
 * Takes answers from the flags, and asks a person for the rest. Throws `ConfigError` naming the flag if there is no one
 * to ask.
 */
export async function answersOf(flags: InitFlags, ask: Ask): Promise<Answers> {
  const find: Find = async ({ flag, given, text, standard, isChoice, complaint = () => undefined }) => {
    const value = given ?? (ask === undefined && !isChoice ? standard : undefined);
    if (value !== undefined) {
      const wrong = complaint(value);
      if (wrong !== undefined) throw new ConfigError(`${flag}: ${wrong}`);
      return value;
    }
    if (ask === undefined)
      throw new ConfigError(`${flag}: missing; give it, or answer the questions in a terminal`);
    for (let wrong: string | undefined; ; ) {
      const answer = (await ask(wrong === undefined ? text : `${wrong}\n${text}`, standard)).trim();
      if (answer === '') continue;
      wrong = complaint(answer);
      if (wrong === undefined) return answer;
    }
  };
  const beside = (name: string): string => join(dirname(resolve(flags.output)), name);
  const source = await sourceOf(flags, find, beside);
  const sink = await sinkOf(flags, find, beside);
  const state = await find({
    flag: '--state',
    given: flags.state,
    text: 'Folder of the state',
    // Another configuration in the same folder is another feed, and must not get the state of this one.
    standard: beside(
      parse(flags.output).base === STANDARD_FILE ? 'state' : `${parse(flags.output).name}-state`,
    ),
  });
  return { source, sink, state: place(state) };
}

/** Absolute. No shell has expanded `~` in an answer. */
const place = (path: string): string => resolve(path.replace(/^~(?=\/|$)/, homedir()));

/** Which of several flags was given, as the word it stands for. Throws if there is more than one. */
function chosen(flags: InitFlags, words: Partial<Record<keyof InitFlags, string>>): string | undefined {
  const given = (Object.keys(words) as (keyof InitFlags)[]).filter((flag) => flags[flag] !== undefined);
  if (given.length > 1)
    throw new ConfigError(`${given.map((flag) => `--${flag}`).join(' and ')}: give only one of them`);
  return given[0] && words[given[0]];
}

/** Throws if a flag was given that has no effect here. */
function refuse(flags: InitFlags, without: string, names: readonly (keyof InitFlags)[]): void {
  const odd = names.find((name) => flags[name] !== undefined);
  if (odd !== undefined) throw new ConfigError(`--${odd}: only has an effect with ${without}`);
}

type Beside = (name: string) => string;

async function sourceOf(flags: InitFlags, find: Find, beside: Beside): Promise<SourceAnswers> {
  const type = await find({
    flag: '--s3, --owner or --file',
    given: chosen(flags, { s3: 's3', owner: 'api', file: 'file' }),
    text: 'Where are the detections: s3, api or file',
    standard: 's3',
    isChoice: true,
    complaint: oneOf('s3', 'api', 'file'),
  });
  if (type !== 's3') refuse(flags, '--s3', ['region', 'endpoint', 'start']);
  if (type !== 'api') refuse(flags, '--owner', ['stepsecurity-key-file']);
  if (type === 'file')
    return {
      type,
      path: place(await find({ flag: '--file', given: flags.file, text: 'File, folder or glob' })),
    };
  if (type === 'api') {
    const owners = await find({
      flag: '--owner',
      given: flags.owner?.join(','),
      text: 'GitHub organizations, separated by commas',
    });
    const keyFile = await find({
      flag: '--stepsecurity-key-file',
      given: flags['stepsecurity-key-file'],
      text: 'File with the StepSecurity API key (it may not exist yet)',
      standard: beside('stepsecurity-key'),
    });
    return { type, owners: owners.split(',').map((owner) => owner.trim()), keyFile: place(keyFile) };
  }
  const url = await find({
    flag: '--s3',
    given: flags.s3,
    text: 'Bucket and prefix as in the StepSecurity console: s3://bucket/prefix/',
    complaint: (given) => (BUCKET.test(given) ? undefined : 'expected s3://bucket/prefix'),
  });
  const [, bucket = '', prefix] = BUCKET.exec(url) ?? [];
  const region = await find({
    flag: '--region',
    given: flags.region,
    text: 'AWS region of the bucket',
    standard: process.env['AWS_REGION'] || 'us-east-1',
  });
  const start = await find({
    flag: '--start',
    given: flags.start,
    text: 'Start with everything that exists (beginning), with what is new from now on (now), or at a time',
    standard: 'beginning',
    complaint: isMoment,
  });
  return { type: 's3', bucket, region, endpoint: flags.endpoint, prefixes: prefix ? [prefix] : [], start };
}

const BUCKET = /^(?:s3:\/\/)?([^/:]+)(?:\/(.*))?$/;

async function sinkOf(flags: InitFlags, find: Find, beside: Beside): Promise<SinkAnswers> {
  const type = await find({
    flag: '--elasticsearch or --splunk',
    given: chosen(flags, { elasticsearch: 'elasticsearch', splunk: 'splunk' }),
    text: 'Where should they go: elasticsearch or splunk',
    standard: 'elasticsearch',
    isChoice: true,
    complaint: oneOf('elasticsearch', 'splunk'),
  });
  if (type === 'splunk') {
    refuse(flags, '--elasticsearch', ['api-key-file']);
    const url = await find({
      flag: '--splunk',
      given: flags.splunk,
      text: 'URL of the HTTP Event Collector, such as https://splunk.example:8088',
      complaint: isUrl,
    });
    const file = await find({
      flag: '--token-file',
      given: flags['token-file'],
      text: 'File with the HEC token (it may not exist yet)',
      standard: beside('hec-token'),
    });
    return { type: 'splunk_hec', url, tokenFile: place(file) };
  }
  refuse(flags, '--splunk', ['token-file']);
  const url = await find({
    flag: '--elasticsearch',
    given: flags.elasticsearch,
    text: 'URL of Elasticsearch, such as https://elastic.example:9200',
    complaint: isUrl,
  });
  const file = await find({
    flag: '--api-key-file',
    given: flags['api-key-file'],
    text: 'File with its API key (it may not exist yet)',
    standard: beside('elasticsearch-key'),
  });
  return { type: 'elasticsearch', url, keyFile: place(file) };
}
