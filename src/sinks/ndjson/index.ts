import type { SinkComponent } from '../../contracts/sink.ts';
import { checkNdjson } from './check.ts';
import { type NdjsonOptions, ndjsonSchema } from './options.ts';
import { ndjsonSink } from './sink.ts';

/** Documents as lines of JSON, in a file, in a folder by kind, or on standard output. */
export const ndjson: SinkComponent<NdjsonOptions> = {
  schema: ndjsonSchema,
  name: ({ path }) => `ndjson:${path}`,
  identify: ({ path, schema }) => `ndjson ${schema} ${path}`,
  create: ndjsonSink,
  check: checkNdjson,
};
