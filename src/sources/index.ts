import * as z from 'zod';
import { type BoundSource, bindSource, type SourceComponent } from '../contracts/source.ts';
import { api } from './api/index.ts';
import { bucketOptions, namesQueue } from './bucket-options.ts';
import { fileSource } from './file/index.ts';
import { s3Source } from './s3/index.ts';
import { sqsSource } from './sqs/index.ts';

/** The registry of sources, by the `type` of their options. */
const SOURCES = {
  s3: { ...s3Source, schema: bucketOptions },
  file: fileSource,
  api,
};

type SourceSchema = (typeof SOURCES)[keyof typeof SOURCES]['schema'];

export const sourceSchema = z.discriminatedUnion(
  'type',
  Object.values(SOURCES).map(({ schema }) => schema) as [SourceSchema, ...SourceSchema[]],
);

export type SourceConfig = z.output<typeof sourceSchema>;

export function sourceOf(config: SourceConfig): BoundSource {
  return bindSource(componentOf(config), config);
}

/** `BoundSource.knowsRuns`, also of options that are complained about: binding those may throw. */
export function knowsRuns(config: SourceConfig): boolean {
  return componentOf(config).knowsRuns === true;
}

function componentOf(config: SourceConfig): SourceComponent<SourceConfig> {
  // A bucket whose queue names what is new is read by way of that.
  if (config.type === 's3' && namesQueue(config)) return sqsSource;
  // Each takes the options of its own type, which is what the key says.
  return SOURCES[config.type];
}

/** Whether a stored origin is a place whose content changes, whichever source read it. */
export function isMutable(uri: string): boolean {
  return Object.values(SOURCES).some((source) => 'isMutable' in source && source.isMutable(uri));
}
