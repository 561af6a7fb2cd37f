import { expect, test } from '@jest/globals';
import { documentsOf } from './documents.ts';
import { readSamples } from './samples.ts';

/** What the vendor publishes, one detection each. */
const published = readSamples().filter(({ name }) => name.startsWith('doc-'));

test.each([
  ['ecs', 2_300],
  // Splunk charges by volume.
  ['cim', 1_515],
] as const)('a document of %s weighs at most %d bytes on average', (schema, most) => {
  const sizes = published.flatMap(({ detections }) =>
    detections.flatMap((detection) =>
      documentsOf(detection, { schema }).map((document) => Buffer.byteLength(JSON.stringify(document))),
    ),
  );
  expect(sizes.length).toBeGreaterThan(20);
  expect(sizes.reduce((sum, size) => sum + size, 0) / sizes.length).toBeLessThanOrEqual(most);
});
