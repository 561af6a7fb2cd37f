import { z } from 'zod';
import { type BoundSource, bindSource } from '../contracts/source.ts';
import { api } from './api/index.ts';
import { apiOptions } from './api/options.ts';
import { bucketOptions, namesQueue } from './bucket-options.ts';
import { fileSource } from './file/index.ts';
import { fileSourceOptions } from './file/options.ts';
import { s3Source } from './s3/index.ts';
import { sqsSource } from './sqs/index.ts';

/** The registry of sources. */
export const sourceSchema = z.discriminatedUnion('type', [bucketOptions, fileSourceOptions, apiOptions]);

export type SourceConfig = z.output<typeof sourceSchema>;

export function sourceOf(config: SourceConfig): BoundSource {
  switch (config.type) {
    case 's3':
      return namesQueue(config) ? bindSource(sqsSource, config) : bindSource(s3Source, config);
    case 'file':
      return bindSource(fileSource, config);
    case 'api':
      return bindSource(api, config);
  }
}
