import { resolve } from 'node:path';
import { ConfigError } from '../../contracts/errors.ts';
import type { Answers, SinkAnswers, SourceAnswers } from './answers.ts';

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

/** Asks a person; `standard` is what an empty answer means. Where nobody can be asked, undefined. */
export type Ask = ((question: string, standard?: string) => Promise<string>) | undefined;

/** What the flags say, and for the rest what a person answers. Throws `ConfigError` that names the flag when there is nobody to ask. */
export async function answersOf(flags: InitFlags, ask: Ask): Promise<Answers> {
  const find = async (flag: string, given: string | undefined, question: string, standard?: string) => {
    if (given !== undefined) return given;
    if (ask === undefined && standard !== undefined) return standard;
    if (ask === undefined)
      throw new ConfigError(`${flag}: missing; give it, or answer questions in a terminal`);
    for (;;) {
      const answer = (await ask(question, standard)).trim();
      if (answer !== '') return answer;
    }
  };
  const source = await sourceOf(flags, find);
  const sink = await sinkOf(flags, find);
  const state = resolve(await find('--state', flags.state, 'Folder of the state', 'state'));
  return { source, sink, state };
}

type Find = (flag: string, given: string | undefined, question: string, standard?: string) => Promise<string>;

async function sourceOf(flags: InitFlags, find: Find): Promise<SourceAnswers> {
  const named = flags.file !== undefined ? 'file' : flags.owner !== undefined ? 'api' : flags.s3 && 's3';
  const type = await find(
    '--s3, --owner or --file',
    named,
    'Where are the detections: s3, api or file',
    's3',
  );
  if (type === 'file')
    return { type, path: resolve(await find('--file', flags.file, 'File, folder or glob')) };
  if (type === 'api') {
    const owners = await find(
      '--owner',
      flags.owner?.join(','),
      'GitHub organisations, with commas between them',
    );
    const key = flags['stepsecurity-key-file'];
    return {
      type,
      owners: owners.split(',').map((owner) => owner.trim()),
      keyFile: resolve(
        await find('--stepsecurity-key-file', key, 'File with the StepSecurity API key', 'stepsecurity-key'),
      ),
    };
  }
  if (type !== 's3') throw new ConfigError('expected s3, api or file');
  const url = await find(
    '--s3',
    flags.s3,
    'Bucket and prefix as in the StepSecurity console: s3://bucket/prefix/',
  );
  const [, bucket, prefix = ''] = /^(?:s3:\/\/)?([^/]+)(?:\/(.*))?$/.exec(url) ?? [];
  if (bucket === undefined) throw new ConfigError('--s3: expected s3://bucket/prefix');
  const region = await find(
    '--region',
    flags.region,
    'AWS region of the bucket',
    process.env['AWS_REGION'] || 'us-east-1',
  );
  const start = await find(
    '--start',
    flags.start,
    'Begin with what exists (beginning), or with what comes (now)',
    'beginning',
  );
  return { type, bucket, region, endpoint: flags.endpoint, prefixes: [prefix], start };
}

async function sinkOf(flags: InitFlags, find: Find): Promise<SinkAnswers> {
  const named = flags.splunk !== undefined ? 'splunk' : flags.elasticsearch && 'elasticsearch';
  const type = await find(
    '--elasticsearch or --splunk',
    named,
    'Where do they go: elasticsearch or splunk',
    'elasticsearch',
  );
  if (type === 'splunk') {
    const url = await find(
      '--splunk',
      flags.splunk,
      'URL of the HTTP Event Collector, such as https://splunk.example:8088',
    );
    const file = await find('--token-file', flags['token-file'], 'File with the HEC token', 'hec-token');
    return { type: 'splunk_hec', url, tokenFile: resolve(file) };
  }
  if (type !== 'elasticsearch') throw new ConfigError('expected elasticsearch or splunk');
  const url = await find(
    '--elasticsearch',
    flags.elasticsearch,
    'URL of Elasticsearch, such as https://elastic.example:9200',
  );
  const file = await find(
    '--api-key-file',
    flags['api-key-file'],
    'File with its API key',
    'elasticsearch-key',
  );
  return { type, url, keyFile: resolve(file) };
}
