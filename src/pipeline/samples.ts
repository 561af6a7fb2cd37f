import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Document } from '../types.ts';
import type { Stages } from './batch.ts';

/** The sample detections that ship with the package. */
export const SAMPLES_DIR = fileURLToPath(new URL('../../test/samples', import.meta.url));

/** One mapped document of each dataset, from the samples; for `check`. */
export function sampleDocuments(transform: Pick<Stages, 'decode' | 'map'>): Document[] {
  const byDataset = new Map<string, Document>();
  for (const name of readdirSync(SAMPLES_DIR).sort()) {
    if (!name.endsWith('.json')) continue;
    const record = {
      text: readFileSync(join(SAMPLES_DIR, name), 'utf8'),
      origin: { source: 'file', uri: name },
      offset: 0,
    };
    for (const entry of transform.decode(record, Date.now())) {
      if (!('detection' in entry)) continue;
      const [document] = transform.map(entry.detection);
      if (document !== undefined && !byDataset.has(document.dataset))
        byDataset.set(document.dataset, document);
    }
  }
  return [...byDataset.values()];
}
