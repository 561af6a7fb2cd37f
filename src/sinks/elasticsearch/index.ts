import type { SinkComponent } from '../../contracts/sink.ts';
import { type ElasticsearchOptions, elasticsearchSchema } from './options.ts';

/** Elasticsearch 8 and 9: data streams of ECS documents. */
export const elasticsearch = {
  schema: elasticsearchSchema,
  name: () => 'elasticsearch',
  shape: ({ namespace }) => ({ schema: 'ecs', namespace }),
  repeats: 'Elasticsearch drops what it already has (it counts as duplicate)',
  identify: (options) => {
    const cluster = options.cloud_id ?? [...(options.urls ?? [])].sort().join(',');
    return `elasticsearch:${cluster}:${options.namespace}`;
  },
  async create(options, context) {
    const { openElasticsearchSink } = await import('./open.ts');
    return openElasticsearchSink(options, context);
  },
  async *check(options, context) {
    const { examine } = await import('./check.ts');
    yield* examine(options, (await context.samples?.()) ?? [], context.abort);
  },
  async *setup(options, context, print) {
    const { setUp } = await import('./setup.ts');
    yield* setUp(options, context.abort, print);
  },
} satisfies SinkComponent<ElasticsearchOptions>;
