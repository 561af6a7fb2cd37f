import { resolve } from 'node:path';
import type { SourceComponent } from '../../contracts/source.ts';
import { type FileSourceOptions, fileSourceOptions } from './options.ts';

/**
 * Files of a folder, a glob or a single path, each version of each file once; and standard input. A file is identified
 * by path, size and mtime: a rewritten one is read again from the beginning. A backfill reads the same files; none is
 * skipped because of its mtime. Counters: `objects_listed`, `objects_read`, `objects_read_alone`, `objects_known`,
 * `objects_ignored`, `objects_ours`, `objects_gone`, `objects_changed`, `objects_failed`, `objects_of_other_shards`,
 * `bytes_read`.
 */
export const fileSource = {
  schema: fileSourceOptions,
  shards: true,

  name: ({ path }) => (path === '-' ? 'stdin' : `file:${path}`),

  reads: ({ path }) => (path === '-' ? undefined : { option: 'path', path }),
  label: ({ path }) => (path === '-' ? 'stdin' : 'file'),

  identify: ({ path }) => JSON.stringify(['file', path === '-' ? path : resolve(path)]),

  async create(options, context) {
    const { openFileSource } = await import('./source.ts');
    return openFileSource(options, context);
  },

  async describe(parts) {
    const { describeFiles } = await import('./revisit.ts');
    return describeFiles(parts);
  },

  async revisit({ path }, again, parts, context) {
    const { revisitFiles } = await import('./revisit.ts');
    return revisitFiles(path, again, parts, context);
  },

  async *check(options) {
    const { checkFiles } = await import('./check.ts');
    yield* checkFiles(options);
  },
} satisfies SourceComponent<FileSourceOptions>;
