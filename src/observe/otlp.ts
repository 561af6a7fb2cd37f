import { DiagLogLevel, diag } from '@opentelemetry/api';
import { type IMetricReader, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { messageOf } from '../contracts/errors.ts';
import type { Log } from '../contracts/types.ts';
import { createAgents } from '../net/agents.ts';
import { rememberSecret } from '../text/own-secrets.ts';
import { settingOf } from './otel-env.ts';

type Env = NodeJS.ProcessEnv;

/** The export in flight and the last one must both finish before they would delay the end of the run. */
const LONGEST_EXPORT_MS = 2_100;
const DEFAULT_INTERVAL_MS = 60_000;
const SHORTEST_INTERVAL_MS = 1_000;

/**
 * Sends metrics to where OpenTelemetry's variables say. The library reads most of them itself; see docs/monitoring.md.
 * Returns undefined, with a warning, for an unsupported protocol.
 */
export async function createOtlpReader(env: Env, log: Log): Promise<IMetricReader | undefined> {
  const protocol = settingOf(env, 'PROTOCOL') ?? 'http/protobuf';
  if (protocol !== 'http/protobuf' && protocol !== 'http/json') {
    log.warn(
      { protocol },
      'no metrics are sent: set OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf or http/json, and the endpoint to that port (4318)',
    );
    return undefined;
  }
  const warn = (reason: string): void => log.warn({ reason }, 'an OpenTelemetry variable is not understood');
  const ignore = (): void => undefined;
  diag.setLogger(
    { warn, error: ignore, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  rememberHeaders(env);
  const { OTLPMetricExporter } =
    protocol === 'http/json'
      ? await import('@opentelemetry/exporter-metrics-otlp-http')
      : await import('@opentelemetry/exporter-metrics-otlp-proto');
  const asked = positive(settingOf(env, 'TIMEOUT')) ?? LONGEST_EXPORT_MS;
  const timeoutMillis = Math.min(asked, LONGEST_EXPORT_MS);
  const exporter = new OTLPMetricExporter({ timeoutMillis, ...agentsOf(env) });

  let failures = 0;
  const send = exporter.export.bind(exporter);
  exporter.export = (metrics, done) =>
    send(metrics, (result) => {
      if (result.error === undefined) failures = 0;
      // Once per outage: the log is not the place to count failures.
      else if ((failures += 1) === 1)
        log.warn({ reason: messageOf(result.error) }, 'metrics could not be sent to OpenTelemetry');
      done(result);
    });

  const wanted = positive(env['OTEL_METRIC_EXPORT_INTERVAL']) ?? DEFAULT_INTERVAL_MS;
  const interval = Math.max(wanted, SHORTEST_INTERVAL_MS);
  return new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: interval,
    exportTimeoutMillis: Math.min(interval, timeoutMillis),
  });
}

/** The library does not support proxies. Without one, leave agents to the library, which knows about certificates. */
function agentsOf(env: Env) {
  const endpoint = settingOf(env, 'ENDPOINT');
  if (endpoint === undefined || !URL.canParse(endpoint)) return {};
  const agents = createAgents({ caFile: settingOf(env, 'CERTIFICATE') });
  if (agents.direct(new URL(endpoint))) return {};
  return { httpAgentOptions: (protocol: string) => (protocol === 'https:' ? agents.https : agents.http) };
}

/** Headers contain keys, and some servers quote what they were sent. */
function rememberHeaders(env: Env): void {
  const headers = `${env['OTEL_EXPORTER_OTLP_HEADERS'] ?? ''},${env['OTEL_EXPORTER_OTLP_METRICS_HEADERS'] ?? ''}`;
  for (const header of headers.split(',')) {
    const value = header.slice(header.indexOf('=') + 1).trim();
    rememberSecret(value);
    rememberSecret(decoded(value).replace(/^\w+ /, ''));
  }
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function positive(text: string | undefined): number | undefined {
  const number = Number(text);
  return Number.isFinite(number) && number > 0 ? number : undefined;
}
