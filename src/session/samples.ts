import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Route } from '../config/route.ts';
import { packageFile } from '../contracts/package.ts';
import type { Document, SourceRecord } from '../contracts/types.ts';
import { createFramer } from '../records/framing.ts';
import { type Transform, transformFor } from './transform.ts';

/** The sample detections that ship with the package. */
export const SAMPLES_DIR = fileURLToPath(packageFile('samples'));

/** Sample files are small: no record in them is larger. */
const RECORD_BYTES = 2 ** 20;

/** The richest mapped document of each dataset, from the samples; for `check`. */
export function sampleDocuments(transform: Pick<Transform, 'decode' | 'map'>): Document[] {
  const richest = new Map<string, Document>();
  for (const { entries } of transform.decode(sampleRecords(), Date.now())) {
    for (const entry of entries) {
      const [document] = 'detection' in entry ? transform.map(entry.detection) : [];
      if (document === undefined) continue;
      const { length } = richest.get(document.dataset)?.json ?? [];
      if (document.json.length > length) richest.set(document.dataset, document);
    }
  }
  return [...richest.values()];
}

/** Every sample detection, mapped for the sink of a route. */
export function everySample(route: Route): Document[] {
  const { decode, map } = transformFor(route, { quiet: true });
  const documents: Document[] = [];
  for (const { entries } of decode(sampleRecords(), Date.now())) {
    for (const entry of entries) if ('detection' in entry) documents.push(...map(entry.detection));
  }
  return documents;
}

/** All records of the sample files, in order of file name. */
export function sampleRecords(): SourceRecord[] {
  return readdirSync(SAMPLES_DIR).sort().flatMap(recordsOf);
}

function recordsOf(name: string): SourceRecord[] {
  const records: SourceRecord[] = [];
  const framer = createFramer({
    origin: { source: 'file', uri: name },
    recordBytes: RECORD_BYTES,
    emit: (record) => void records.push(record),
  });
  framer.push(readFileSync(join(SAMPLES_DIR, name)));
  framer.end();
  return records;
}
