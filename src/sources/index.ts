import { z } from 'zod';
import { apiOptions } from './api/options.ts';
import { api } from './api.ts';
import { fileSourceOptions } from './file/options.ts';
import { fileSource } from './file.ts';
import { s3SourceOptions } from './s3/options.ts';
import { s3Source } from './s3.ts';
import { type BoundSource, bindSource } from './source.ts';

/** The registry of sources. */
export const sourceSchema = z.discriminatedUnion('type', [s3SourceOptions, fileSourceOptions, apiOptions]);

export type SourceConfig = z.output<typeof sourceSchema>;

export function sourceOf(config: SourceConfig): BoundSource {
  switch (config.type) {
    case 's3':
      return bindSource(s3Source, config);
    case 'file':
      return bindSource(fileSource, config);
    case 'api':
      return bindSource(api, config);
  }
}
