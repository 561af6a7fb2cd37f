import type { SinkComponent } from '../../contracts/sink.ts';
import { type NdjsonOptions, ndjsonSchema } from './options.ts';

/** Documents as lines of JSON, in a file, in a folder by kind, or on standard output. */
export const ndjson = {
  schema: ndjsonSchema,
  name: ({ path }) => `ndjson:${path}`,
  shape: ({ schema }) => ({ schema }),
  writes: ({ path }) => (path === '-' ? undefined : { option: 'path', path }),
  repeats: 'the lines are appended again',
  identify: ({ path, schema }) => `ndjson ${schema} ${path}`,
  async create(options, context) {
    const { createNdjsonSink } = await import('./sink.ts');
    return createNdjsonSink(options, context);
  },
  async *check(options) {
    const { checkNdjson } = await import('./check.ts');
    yield* checkNdjson(options);
  },
} satisfies SinkComponent<NdjsonOptions>;
