import type { SinkComponent } from '../../contracts/sink.ts';
import { checkNdjson } from './check.ts';
import { type NdjsonOptions, ndjsonSchema } from './options.ts';
import { createNdjsonSink } from './sink.ts';

/** Documents as lines of JSON, in a file, in a folder by kind, or on standard output. */
export const ndjson = {
  schema: ndjsonSchema,
  name: ({ path }) => `ndjson:${path}`,
  shape: ({ schema }) => ({ schema }),
  writes: ({ path }) => (path === '-' ? undefined : { option: 'path', path }),
  repeats: 'the lines are appended once more',
  identify: ({ path, schema }) => `ndjson ${schema} ${path}`,
  create: createNdjsonSink,
  check: checkNdjson,
} satisfies SinkComponent<NdjsonOptions>;
