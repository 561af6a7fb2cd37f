/** A metric as OpenTelemetry names it; its Prometheus name follows from name, type and unit. */
export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** A UCUM unit, as OpenTelemetry requires; what is counted goes in braces. */
  readonly unit?: string;
  /** In addition to the labels that every metric has. */
  readonly labels: readonly string[];
  readonly description: string;
}

const NAMESPACE = 'stepsecurity_siem';

function metric(
  name: string,
  type: Metric['type'],
  unit: string | undefined,
  labels: readonly string[],
  description: string,
): Metric {
  return { name: `${NAMESPACE}.${name}`, type, ...(unit === undefined ? {} : { unit }), labels, description };
}

const counter = (name: string, unit: string, labels: readonly string[], description: string): Metric =>
  metric(name, 'counter', unit, labels, description);
const gauge = (name: string, unit: string | undefined, description: string): Metric =>
  metric(name, 'gauge', unit, [], description);

/** All metrics; docs/monitoring.md has the same table. */
export const METRICS = {
  detections: counter('detections', '{detection}', ['fate', 'kind'], 'Detections settled, by fate.'),
  deadLetters: counter(
    'dead_letters',
    '{detection}',
    [],
    'Detections, and records that could not be read as one, kept in the dead letters.',
  ),
  stateChanges: counter(
    'state_changes',
    '{detection}',
    [],
    'Detections that are state changes of earlier ones.',
  ),
  unknownKinds: counter(
    'unknown_kinds',
    '{detection}',
    [],
    'Detections of a kind without a mapping of its own.',
  ),
  unknownFields: counter('unknown_fields', '{field}', [], 'Fields of detections that no mapping reads.'),
  warnings: counter('warnings', '{warning}', ['code'], 'Doubts about what was read.'),
  redactions: counter('redactions', '{redaction}', [], 'Secrets masked in detections.'),
  doubled: counter('documents.doubled', '{document}', [], 'Documents found in two backing indices.'),
  possiblyDuplicated: counter(
    'documents.possibly_duplicated',
    '{document}',
    [],
    'Upper bound of documents that the destination may hold twice.',
  ),
  abandoned: counter(
    'batches.abandoned',
    '{batch}',
    [],
    'Batches read but not settled; they will be read again.',
  ),
  objects: counter(
    'objects',
    '{object}',
    ['state'],
    'Objects or files: listed, read, already known, failed and so on.',
  ),
  bytesRead: counter('read.size', 'By', [], 'Bytes read from the source, as stored.'),
  bytesSent: counter('sent.size', 'By', [], 'Bytes of bodies sent to the destination, as sent.'),
  bytesSentRaw: counter(
    'sent.uncompressed_size',
    'By',
    [],
    'Bytes of bodies sent to the destination, before compression.',
  ),
  retries: counter('retries', '{retry}', [], 'Calls made again after a passing failure.'),
  events: counter('events', '{event}', ['event'], 'Every other counter of the ledger, by its name there.'),
  runs: counter('runs', '{run}', ['exit_code'], 'Passes that ended, by exit code.'),
  requestDuration: metric(
    'request.duration',
    'histogram',
    's',
    ['request'],
    'Duration of a request until its reply, including failed ones.',
  ),
  lastRun: gauge('last_run.timestamp', 's', 'When the last pass ended, in Unix time.'),
  lastRunDuration: gauge('last_run.duration', 's', 'How long the last pass took.'),
  lastRunExitCode: gauge('last_run.exit_code', undefined, 'Exit code of the last pass.'),
  lastRunComplete: gauge(
    'last_run.complete',
    undefined,
    '1 if the last pass read and settled everything the source had, else 0.',
  ),
  lastSuccess: gauge(
    'last_success.timestamp',
    's',
    'When a pass last read and settled everything (exit code 0 or 3), in Unix time.',
  ),
  latestEvent: gauge('latest_event.timestamp', 's', 'Latest event time seen in a detection, in Unix time.'),
  lag: gauge('lag', 's', 'Time since the latest event time seen in a detection.'),
  receiveRequests: counter(
    'receive.requests',
    '{request}',
    ['status'],
    'Requests to the webhook receiver, by the status of their answer; 499: the sender left before it.',
  ),
  receiveBodies: counter(
    'receive.bodies',
    '{body}',
    ['content'],
    'Bodies that were accepted, by what they are: json, insights, insights_dropped, raw (no JSON object or array), empty.',
  ),
  receiveSize: counter('receive.size', 'By', [], 'Bytes of bodies that were accepted.'),
  receiveGroups: counter(
    'receive.groups',
    '{group}',
    ['outcome'],
    'Writes to the spool, a group of bodies each: stored or failed.',
  ),
  receiveConnections: counter(
    'receive.connections.dropped',
    '{connection}',
    [],
    'Connections closed at once, because as many as are allowed were open or their TLS handshake failed.',
  ),
  receiveLastCommit: gauge(
    'receive.last_commit.timestamp',
    's',
    'When the spool last made bodies durable, in Unix time.',
  ),
  receiveReady: gauge('receive.ready', undefined, '1 when the receiver can store what it is sent, else 0.'),
  receiveDelivering: gauge(
    'receive.delivering',
    undefined,
    '1 while the receiver with --deliver carries its spool to the destination, 0 while that is stopped.',
  ),
  spoolSize: gauge(
    'spool.size',
    'By',
    'Bytes in the folder of the spool, what is delivered but kept with it.',
  ),
  spoolLimit: gauge('spool.limit', 'By', 'Bytes that the folder of the spool may hold.'),
  spoolFiles: gauge('spool.files', undefined, 'Files in the folder of the spool.'),
  spoolRemoved: counter('spool.files.removed', '{file}', [], 'Delivered files removed from the spool.'),
  buildInfo: metric('build.info', 'gauge', undefined, ['version', 'node_version'], 'Always 1.'),
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricKey = keyof typeof METRICS;

/** Upper bounds of the histogram buckets, in seconds: OpenTelemetry's for HTTP clients, plus some for slow requests. */
export const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60];

const SUFFIXES: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes' };

/** The Prometheus name without `_total`, following OpenTelemetry's rules as its collector applies them. */
export function stemOf({ name, unit }: Pick<Metric, 'name' | 'unit'>): string {
  return name.replaceAll('.', '_') + (SUFFIXES[unit ?? ''] ?? '');
}

export function prometheusName(one: Metric): string {
  return one.type === 'counter' ? `${stemOf(one)}_total` : stemOf(one);
}
