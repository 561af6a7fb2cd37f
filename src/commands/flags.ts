import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import type { Argv } from 'yargs';
import { type Override } from '../config/override.ts';
import { ConfigError } from '../contracts/errors.ts';

const VARIABLE = 'STEPSECURITY_SIEM_CONFIG';
/** The configuration used if none is named and this file is in the working directory. */
export const STANDARD_FILE = 'stepsecurity-siem.yaml';

/** Flags that set keys of the configuration, so that a backfill needs no file. */
export const FLAGS = {
  s3: { describe: 'Read from a bucket: s3://bucket/prefix/', group: 'Source:' },
  file: { describe: 'Read a file, folder or glob; - is standard input', group: 'Source:' },
  region: { describe: 'AWS region of the bucket', group: 'Source:' },
  endpoint: { describe: 'An S3-compatible service instead of AWS (path style)', group: 'Source:' },
  elasticsearch: { describe: 'Write to this Elasticsearch URL', group: 'Sink:' },
  'api-key-file': { describe: 'File with the Elasticsearch API key', group: 'Sink:' },
  splunk: { describe: 'Write to this Splunk HEC URL', group: 'Sink:' },
  'token-file': { describe: 'File with the HEC token', group: 'Sink:' },
  ndjson: { describe: 'Write lines to a file or folder; - is standard output', group: 'Sink:' },
  state: { describe: 'State: a folder, or s3://bucket/prefix', group: 'Configuration:' },
} as const;

export type FlagValues = { readonly [K in keyof typeof FLAGS]?: string | undefined } & {
  readonly config?: string | undefined;
  readonly set?: readonly string[] | undefined;
};

export interface JsonFlag {
  /** Undefined when not given. */
  readonly json?: boolean | undefined;
}

export function withJsonFlag<T>(args: Argv<T>) {
  return args.option('json', {
    type: 'boolean',
    describe: 'Print JSON, as when piped; --no-json: text for people, even when piped',
  });
}

/** The default configuration file; undefined if it does not exist. */
function standardFile(): string | undefined {
  const named = process.env[VARIABLE];
  if (named !== undefined && named !== '') return named;
  return existsSync(STANDARD_FILE) ? STANDARD_FILE : undefined;
}

export function withConfigFlags<T>(args: Argv<T>) {
  const common = args
    .option('config', {
      alias: 'c',
      type: 'string',
      requiresArg: true,
      default: standardFile,
      defaultDescription: `$${VARIABLE}, or ${STANDARD_FILE} if it exists`,
      describe: 'Configuration file (YAML); - is standard input',
      group: 'Configuration:',
    })
    .option('set', {
      type: 'string',
      array: true,
      nargs: 1,
      requiresArg: true,
      describe: 'Any key of the configuration: --set pipeline.concurrency=8',
      group: 'Configuration:',
    });
  return Object.entries(FLAGS).reduce(
    (next, [name, flag]) => next.option(name, { type: 'string', requiresArg: true, ...flag }),
    common as unknown as Argv<T & FlagValues>,
  );
}

/** The flags as configuration values; they override the file. */
export function overridesOf(flags: FlagValues): Override[] {
  return [
    ...sourceOverrides(flags),
    ...sinkOverrides(flags),
    ...stateOverrides(flags.state),
    ...(flags.set ?? []).map(assignment),
  ];
}

function sourceOverrides({ s3, file, region, endpoint, set }: FlagValues): Override[] {
  const overrides: Override[] = [];
  if (s3 !== undefined && file !== undefined) throw new ConfigError('--s3 and --file: give only one of them');
  if (file !== undefined) overrides.push({ path: ['source'], value: { type: 'file', path: file } });
  if (s3 !== undefined) {
    const { bucket, prefix } = s3Url('--s3', s3);
    // A queue names what is new, so there is nowhere to start.
    const hasQueue = set?.some((text) => text.startsWith('source.queue_url='));
    overrides.push({
      path: ['source'],
      value: { type: 's3', bucket, prefixes: [prefix], ...(hasQueue !== true && { start: 'beginning' }) },
    });
  }
  if (region !== undefined) overrides.push({ path: ['source', 'region'], value: region });
  if (endpoint !== undefined) {
    overrides.push(
      { path: ['source', 'endpoint'], value: endpoint },
      { path: ['source', 'force_path_style'], value: true },
    );
  }
  return overrides;
}

function sinkOverrides(flags: FlagValues): Override[] {
  const { elasticsearch, splunk, ndjson } = flags;
  const given = [elasticsearch, splunk, ndjson].filter((value) => value !== undefined);
  if (given.length > 1)
    throw new ConfigError('--elasticsearch, --splunk and --ndjson: give only one of them');
  const overrides: Override[] = [];
  if (elasticsearch !== undefined)
    overrides.push({ path: ['sink'], value: { type: 'elasticsearch', urls: [elasticsearch] } });
  if (splunk !== undefined) overrides.push({ path: ['sink'], value: { type: 'splunk_hec', url: splunk } });
  if (ndjson !== undefined) overrides.push({ path: ['sink'], value: { type: 'ndjson', path: ndjson } });
  if (flags['api-key-file'] !== undefined)
    overrides.push({ path: ['sink', 'api_key_file'], value: flags['api-key-file'] });
  if (flags['token-file'] !== undefined)
    overrides.push({ path: ['sink', 'token_file'], value: flags['token-file'] });
  return overrides;
}

function stateOverrides(state: string | undefined): Override[] {
  if (state === undefined) return [];
  if (!state.startsWith('s3://')) return [{ path: ['state'], value: { type: 'file', path: resolve(state) } }];
  const { bucket, prefix } = s3Url('--state', state);
  return [{ path: ['state'], value: { type: 's3', bucket, ...(prefix === '' ? {} : { prefix }) } }];
}

function s3Url(flag: string, text: string): { bucket: string; prefix: string } {
  const match = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(text);
  if (match?.[1] === undefined) throw new ConfigError(`${flag}: expected s3://bucket/prefix`);
  return { bucket: match[1], prefix: match[2] ?? '' };
}

function assignment(text: string): Override {
  const cut = text.indexOf('=');
  if (cut < 1) throw new ConfigError('--set: expected key.path=value');
  let value: unknown;
  try {
    value = parse(text.slice(cut + 1));
  } catch {
    throw new ConfigError(`--set ${text.slice(0, cut)}: the value is not valid YAML`);
  }
  return { path: text.slice(0, cut).split('.'), value };
}
