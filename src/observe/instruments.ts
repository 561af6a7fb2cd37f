import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  type CollectionResult,
  type IMetricReader,
  MeterProvider,
  type MetricData,
} from '@opentelemetry/sdk-metrics';
import type { Readings } from './readings.ts';
import { BUCKETS, METRICS, type MetricKey, stemOf } from './table.ts';

/* The only file that knows OpenTelemetry's SDK; loaded only if metrics are wanted. */

export interface InstrumentOptions {
  readonly readings: Pick<Readings, 'samples'>;
  readonly version: string;
  /** On every metric. */
  readonly labels: Readonly<Record<string, string>>;
  /** Sends to OpenTelemetry. */
  readonly otlp?: IMetricReader | undefined;
}

export interface Instruments {
  /** Records a request and how long it took; see `Meter`. */
  readonly took: (request: string, seconds: number) => void;
  /** All metrics in Prometheus' text format. */
  readonly text: () => Promise<string>;
  /** Sends whatever has not been sent yet. */
  close(): Promise<void>;
}

export function createInstruments({ readings, version, labels, otlp }: InstrumentOptions): Instruments {
  const prometheus = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'stepsecurity-siem', 'service.version': version }))
      .merge(detectResources({ detectors: [envDetector] })),
    readers: [prometheus, ...(otlp === undefined ? [] : [otlp])],
  });
  const meter = provider.getMeter('stepsecurity-siem', version);
  const { requestDuration, ...observed } = METRICS;

  const instruments = Object.entries(observed).map(([key, { name, type, ...about }]) => {
    const instrument =
      type === 'counter'
        ? meter.createObservableCounter(name, about)
        : meter.createObservableGauge(name, about);
    return [key as MetricKey, instrument] as const;
  });
  meter.addBatchObservableCallback(
    (result) => {
      const samples = readings.samples();
      for (const [key, instrument] of instruments) {
        for (const sample of samples[key] ?? [])
          result.observe(instrument, sample.value, { ...labels, ...sample.labels });
      }
    },
    instruments.map(([, instrument]) => instrument),
  );
  const { name, unit, description } = requestDuration;
  const durations = meter.createHistogram(name, {
    ...(unit !== undefined && { unit }),
    description,
    advice: { explicitBucketBoundaries: BUCKETS },
  });

  const serializer = new PrometheusSerializer('', false, undefined, true, true);
  return {
    took: (request, seconds) => durations.record(seconds, { ...labels, request }),
    text: async () => serializer.serialize(inPrometheusWords(await prometheus.collect())),
    close: () => provider.shutdown(),
  };
}

/** The library omits units from names; the convention and OpenTelemetry's collector include them. */
function inPrometheusWords({ resourceMetrics }: CollectionResult): CollectionResult['resourceMetrics'] {
  const named = (metric: MetricData): MetricData => {
    const { descriptor } = metric;
    return { ...metric, descriptor: { ...descriptor, name: stemOf(descriptor), unit: '' } };
  };
  return {
    ...resourceMetrics,
    scopeMetrics: resourceMetrics.scopeMetrics.map(({ scope, metrics }) => ({
      scope,
      metrics: metrics.map(named),
    })),
  };
}
