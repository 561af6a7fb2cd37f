import type { Route } from '../config/route.ts';
import type { Log } from '../contracts/types.ts';
import { VERSION } from '../contracts/version.ts';
import { createInstruments, type Instruments } from '../observe/instruments.ts';
import { wantsOtlp } from '../observe/otel-env.ts';
import { spoken } from '../redaction/spoken.ts';
import type { Counts } from './counts.ts';

/** The receiver's metrics, separate from those of a run. Loaded with OpenTelemetry's libraries. */
export async function openReceiverMetrics(
  { source, sink, config }: Route,
  counts: Pick<Counts, 'samples'>,
  log: Log,
): Promise<Instruments> {
  const { feed } = config.metrics;
  const labels = {
    command: 'receive',
    source: spoken(source.name),
    sink: spoken(sink.name),
    ...(feed !== undefined && { feed }),
  };
  const { createOtlpReader } = await import('../observe/otlp.ts');
  const otlp = wantsOtlp(process.env) ? await createOtlpReader(process.env, log) : undefined;
  return createInstruments({ readings: counts, version: VERSION, labels, otlp });
}
