import { z } from 'zod';
import { type Bound, bind } from '../component.ts';
import type { Source } from '../types.ts';
import { apiOptions } from './api/options.ts';
import { api } from './api.ts';
import { fileSourceOptions } from './file/options.ts';
import { fileSource } from './file.ts';
import { s3SourceOptions } from './s3/options.ts';
import { s3Source } from './s3.ts';
import type { SourceContext } from './source.ts';

/** The registry of sources. */
export const sourceSchema = z.discriminatedUnion('type', [s3SourceOptions, fileSourceOptions, apiOptions]);

export type SourceConfig = z.output<typeof sourceSchema>;

function componentOf(config: SourceConfig) {
  switch (config.type) {
    case 's3':
      return s3Source;
    case 'file':
      return fileSource;
    case 'api':
      return api;
  }
}

/** Whether a backfill of this source can be split into shards. */
export function isShardable(config: SourceConfig): boolean {
  return componentOf(config).shards === true;
}

export function sourceOf(config: SourceConfig): Bound<SourceContext, Source> {
  switch (config.type) {
    case 's3':
      return bind(s3Source, config);
    case 'file':
      return bind(fileSource, config);
    case 'api':
      return bind(api, config);
  }
}
