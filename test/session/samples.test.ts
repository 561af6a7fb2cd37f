import { expect, test } from '@jest/globals';
import { SCHEMAS } from '../../src/contracts/schema.ts';
import { sampleDocuments, sampleRecords } from '../../src/session/samples.ts';
import { mapperOf } from '../mapping/documents.ts';
import { decodeRecords } from '../mapping/samples.ts';

test.each(SCHEMAS)('the doctor maps the richest sample of each dataset to %s', (schema) => {
  const map = mapperOf({ schema });
  const found = sampleDocuments({ decode: decodeRecords, map });
  expect(found.map(({ dataset }) => dataset).sort()).toEqual(['detection', 'pr_check', 'threat_intel']);
  const longest = new Map<string, number>();
  for (const { entries } of decodeRecords(sampleRecords(), Date.now()))
    for (const entry of entries) {
      const [document] = 'detection' in entry ? map(entry.detection) : [];
      const length = Math.max(document?.json.length ?? 0, longest.get(document?.dataset ?? '') ?? 0);
      longest.set(document?.dataset ?? '', length);
    }
  for (const { dataset, json } of found) expect(json.length).toBe(longest.get(dataset));
});
