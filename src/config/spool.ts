import { join } from 'node:path';
import type { SourceConfig } from '../sources/index.ts';
import type { ReceiveOptions } from './receive.ts';

/** Where a receiver stores requests so that the source finds them. */
export type SpoolPlace =
  | { readonly type: 'file'; readonly path: string }
  | { readonly type: 's3'; readonly source: BucketSource; readonly prefix: string };

type BucketSource = Extract<SourceConfig, { type: 's3' }>;

interface Complaint {
  readonly path: string[];
  readonly message: string;
}

/** Why the source cannot be the place of a spool; undefined if it can. */
export function spoolComplaint(
  source: SourceConfig,
  { source_prefix: prefix }: Pick<ReceiveOptions, 'source_prefix'>,
): Complaint | undefined {
  if (source.type === 'file') {
    if (prefix !== undefined)
      return { path: ['receive', 'source_prefix'], message: 'has no effect with a folder: leave it out' };
    return source.path === '-'
      ? { path: ['source', 'path'], message: 'expected a folder: receive stores requests there' }
      : undefined;
  }
  if (source.type !== 's3')
    return {
      path: ['source', 'type'],
      message: 'expected file or s3: what receive stores is read from a folder or a bucket',
    };
  if (prefix === undefined && source.prefixes.length > 1)
    return {
      path: ['receive', 'source_prefix'],
      message: 'required if source.prefixes has several, expected one of them',
    };
  if (prefix !== undefined && !source.prefixes.includes(prefix))
    return { path: ['receive', 'source_prefix'], message: 'expected one of source.prefixes' };
  return undefined;
}

/** For a configuration that passes `spoolComplaint`. */
export function spoolPlace(
  source: SourceConfig,
  { source_prefix: prefix }: Pick<ReceiveOptions, 'source_prefix'>,
): SpoolPlace {
  if (source.type === 'file') return { type: 'file', path: source.path };
  if (source.type === 's3') return { type: 's3', source, prefix: prefix ?? source.prefixes[0] ?? '' };
  throw new Error('a source of this type cannot be a spool');
}

/** Where in a spool's folder incomplete files are written; the source ignores it. */
export function scratchIn(folder: string): string {
  return join(folder, '@tmp');
}
