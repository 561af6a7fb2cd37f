import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Origin, SourceRecord } from '../../src/contracts/types.ts';
import { decode } from '../../src/detections/decode.ts';
import type { DecodedRecord, DecodeOptions } from '../../src/detections/decoded.ts';
import type { Detection } from '../../src/detections/detection.ts';
import { createRuns } from '../../src/detections/runs.ts';
import { loadMappings } from '../../src/mapping/load.ts';
import { profilesOf } from '../../src/mapping/profiles.ts';
import { createFramer } from '../../src/records/framing.ts';
import { DEFAULT_REDACTOR } from '../../src/redaction/redactor.ts';

/** When all samples are received, so that documents are the same every day. */
const RECEIVED = Date.UTC(2025, 7, 1);

/**
 * The samples that ship, everything the vendor has published, unpublished payloads, and rows of our own API source,
 * which are trusted.
 */
const FOLDERS = [
  { folder: fileURLToPath(new URL('../../samples', import.meta.url)), source: 'file' },
  { folder: fileURLToPath(new URL('./published', import.meta.url)), source: 'file' },
  { folder: fileURLToPath(new URL('./synthetic', import.meta.url)), source: 'file' },
  { folder: fileURLToPath(new URL('./api', import.meta.url)), source: 'api' },
];

export const MAPPINGS = loadMappings();

const DECODE: DecodeOptions = {
  ...profilesOf(MAPPINGS),
  identity: 'event_id',
  severity: {},
  deriveDestination: true,
  redactor: DEFAULT_REDACTOR,
};

export interface Sample {
  /** The file name without its extension: `reverse-shell`, `agent-tampered.synthetic`. */
  readonly name: string;
  readonly detections: readonly Detection[];
  /** Made to test rare or wrong values, or reduced to its common members by the vendor. */
  readonly odd: boolean;
}

/** All sample files, read like an export: framed and decoded. */
export function readSamples(): Sample[] {
  return FOLDERS.flatMap(({ folder, source }) =>
    readdirSync(folder)
      .filter((name) => /\.(?:json|ndjson)$/.test(name))
      .sort()
      .map((name) => ({
        name: name.replace(/\.(?:json|ndjson)$/, ''),
        odd: folder.includes('/synthetic') || name === 'doc-23-webhook-5883.json',
        detections: detectionsOf(recordsOf(join(folder, name), source)),
      })),
  );
}

function recordsOf(path: string, source: string): SourceRecord[] {
  const records: SourceRecord[] = [];
  const framer = createFramer({
    // Only the name, so that documents are the same in every folder.
    origin: { ...originFrom(source), uri: basename(path) },
    recordBytes: 2 ** 20,
    emit: (record) => void records.push(record),
  });
  framer.push(readFileSync(path));
  framer.end();
  return records;
}

/** What an origin says about its source. */
export function originFrom(source: string): Pick<Origin, 'source' | 'rows'> {
  return { source, ...(source === 'api' && { rows: true }) };
}

/** Decodes like the program. */
export function decodeRecords(
  records: readonly SourceRecord[],
  receivedMs: number,
  overrides: Partial<DecodeOptions> = {},
): Iterable<DecodedRecord> {
  return decode(records, receivedMs, { ...DECODE, ...overrides });
}

/**
 * Throws if a record holds anything except detections and the Insights documents of their runs: the samples have no bad
 * records.
 */
function detectionsOf(records: readonly SourceRecord[]): Detection[] {
  const reads = decode(records, RECEIVED, { ...DECODE, runs: createRuns(1_000) });
  return [...reads].flatMap(({ record, entries }) =>
    [...entries].flatMap((entry) => {
      if ('detection' in entry) return [entry.detection];
      if ('filtered' in entry && entry.filtered === 'insights') return [];
      throw new Error(`${record.origin.uri} at ${record.offset}: ${JSON.stringify(entry)}`);
    }),
  );
}

/**
 * The detection in one payload, for tests that make their own; with `stepsecurity_siem` it comes from the API source.
 */
export function detectionOf(payload: object | string, overrides: Partial<DecodeOptions> = {}): Detection {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const source = typeof payload === 'object' && 'stepsecurity_siem' in payload ? 'api' : 'file';
  const record = { text, origin: { ...originFrom(source), uri: 'test' }, offset: 0 };
  const [read] = decode([record], RECEIVED, { ...DECODE, ...overrides });
  const entry = read?.entries.at(0);
  if (entry === undefined || !('detection' in entry)) throw new Error(JSON.stringify(entry));
  return entry.detection;
}
