type Env = NodeJS.ProcessEnv;

/**
 * Whether OpenTelemetry's variables ask for metrics over OTLP. Without an endpoint they do not, whatever the default
 * endpoint is.
 */
export function wantsOtlp(env: Env): boolean {
  if (env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') return false;
  const exporters = env['OTEL_METRICS_EXPORTER']?.trim();
  if (exporters !== undefined && exporters !== '')
    return exporters.split(',').some((one) => one.trim() === 'otlp');
  return settingOf(env, 'ENDPOINT') !== undefined;
}

/**
 * A setting of the OTLP exporter: the one for metrics takes precedence over the one for all signals, and an empty one
 * counts as unset.
 */
export function settingOf(env: Env, name: string): string | undefined {
  for (const variable of [`OTEL_EXPORTER_OTLP_METRICS_${name}`, `OTEL_EXPORTER_OTLP_${name}`]) {
    const value = env[variable]?.trim();
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}
