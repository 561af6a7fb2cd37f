import { expect, test } from '@jest/globals';
import { sampleDocuments } from '../../src/session/samples.ts';
import { mapperOf } from '../mapping/documents.ts';
import { decodeRecords } from '../mapping/samples.ts';

test.each([
  ['ecs', 'Privileged-Container'],
  ['cim', 'Runner-Worker-Memory-Read'],
] as const)('the doctor maps to %s the richest sample of each dataset', (schema, richest) => {
  const samples = sampleDocuments({ decode: decodeRecords, map: mapperOf({ schema }) });
  const found = samples.map(({ dataset, kind }) => [dataset, kind]);
  expect(Object.fromEntries(found)).toEqual({
    detection: richest,
    threat_intel: 'Threat-Intelligence',
    pr_check: 'pr_check_failure',
  });
  expect(found).toHaveLength(3);
});
