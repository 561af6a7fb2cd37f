import type { SinkComponent } from '../../contracts/sink.ts';
import { type SplunkHecOptions, splunkHecSchema } from './options.ts';

/**
 * Splunk's HTTP Event Collector. At least once: HEC has no document ids, so every event carries its uid, also as an
 * indexed field, and the add-on's macro `stepsecurity_dedup` removes repeats at search time.
 */
export const splunkHec = {
  schema: splunkHecSchema,
  name: () => 'splunk_hec',
  shape: () => ({ schema: 'cim' }),
  repeats:
    'Splunk stores everything again: each event is then there twice, and the macro stepsecurity_dedup hides the repeat',
  identify: ({ url, index }) => `splunk_hec ${new URL(url).origin} ${index ?? '(default index)'}`,
  async create(options, context) {
    const { createSplunkHecSink } = await import('./sink.ts');
    return createSplunkHecSink(options, context);
  },
  async *check(options, context) {
    const { checkSplunkHec } = await import('./check.ts');
    yield* checkSplunkHec(options, context);
  },
  async *setup(options, _, print) {
    const { setupText } = await import('./setup-text.ts');
    if (!print) yield 'Set up Splunk by hand or with its own tools; these are the steps:';
    yield setupText(options);
  },
} satisfies SinkComponent<SplunkHecOptions>;
