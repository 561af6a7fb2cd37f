import { gunzipSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import { gzipSlices, SLICE_BYTES } from '../../src/sinks/gzip.ts';
import { bodyOf, bytesOf, slicesOf } from '../../src/sinks/splunk-hec/envelope.ts';

it('makes of envelopes what they are as one body, whatever their sizes', async () => {
  const sizes = [
    1,
    SLICE_BYTES,
    3,
    SLICE_BYTES * 2 + 7,
    SLICE_BYTES - 20,
    5,
    SLICE_BYTES / 2,
    SLICE_BYTES / 2,
  ];
  const envelopes = sizes.map((size, at) => {
    const head = `{"é":${at},"event":`;
    const json = Buffer.alloc(size, 97 + at);
    return { head, json, bytes: Buffer.byteLength(head) + size + 2 };
  });
  const whole = bodyOf(envelopes);
  expect(whole).toHaveLength(bytesOf(envelopes));
  // Slices share their memory: several at once must not share one.
  const made = await Promise.all([1, 2, 3].map(() => gzipSlices(slicesOf(envelopes))));
  for (const one of made) expect(gunzipSync(one).equals(whole)).toBe(true);
});
