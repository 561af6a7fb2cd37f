import type { SinkComponent } from '../../contracts/sink.ts';
import { createDirect } from './direct.ts';
import { createHeartbeat } from './heartbeat.ts';
import { type ElasticsearchOptions, elasticsearchSchema } from './options.ts';
import { createProbe } from './probe.ts';
import { whenNeeded } from './when-needed.ts';

/** Elasticsearch 8 and 9: data streams of ECS documents. The client is loaded with the first write or question. */
export const elasticsearch = {
  schema: elasticsearchSchema,
  name: () => 'elasticsearch',
  shape: ({ namespace }) => ({ schema: 'ecs', namespace }),
  repeats: 'Elasticsearch drops what it has already (it counts as duplicate)',
  identify: (options) => {
    const cluster = options.cloud_id ?? [...(options.urls ?? [])].sort().join(',');
    return `elasticsearch:${cluster}:${options.namespace}`;
  },
  create(options, context) {
    const direct = createDirect(options);
    const whole = whenNeeded(async () => {
      const { createElasticsearchSink } = await import('./sink.ts');
      return createElasticsearchSink(options, context);
    });
    return {
      ...whole,
      probe: createProbe(direct, context),
      ...createHeartbeat(direct, options),
      async close() {
        direct.close();
        await whole.close();
      },
    };
  },
  async *check(options, context) {
    const { examine } = await import('./check.ts');
    yield* examine(options, context.samples?.() ?? [], context.abort);
  },
  async *setup(options, context, print) {
    const { setUp } = await import('./setup.ts');
    yield* setUp(options, context.abort, print);
  },
} satisfies SinkComponent<ElasticsearchOptions>;
