import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { bodyBytes, bulkBody, gzipBody, slices } from '../../../src/sinks/elasticsearch/body.ts';
import { testDocument } from '../../contract/sink.ts';

const SIZES = [1, 100, 300_000, 300_000, 2_000_000, 5, 600_000];
const UIDS = ['plain', 'with "quotes"', 'ümlaut', 'line\nfeed', 'a', 'b', 'c'];
const ENTRIES = SIZES.map((size, at) => ({
  document: testDocument(UIDS[at] ?? '', { json: Buffer.from(JSON.stringify({ text: 'x'.repeat(size) })) }),
}));

describe('bulk body', () => {
  it('is one line for the action and one for the document', () => {
    const lines = bulkBody(ENTRIES).toString().split('\n');
    expect(lines.pop()).toBe('');
    const uids = lines.filter((_, at) => at % 2 === 0).map((line) => JSON.parse(line).create._id);
    expect(uids).toEqual(UIDS);
    expect(lines.filter((_, at) => at % 2 === 1).map((line) => JSON.parse(line).text.length)).toEqual(SIZES);
  });

  it('is the same whole, in slices and compressed, with the announced length', async () => {
    const whole = bulkBody(ENTRIES);
    expect(whole).toHaveLength(bodyBytes(ENTRIES));
    const copies = Array.from(slices(ENTRIES), (slice) => Buffer.from(slice));
    expect(copies.length).toBeGreaterThan(3);
    expect(Buffer.concat(copies).equals(whole)).toBe(true);
    expect(gunzipSync(await gzipBody(ENTRIES)).equals(whole)).toBe(true);
  });

  it('without documents is empty', async () => {
    expect(bulkBody([])).toHaveLength(0);
    expect([...slices([])]).toEqual([]);
    expect(gunzipSync(await gzipBody([]))).toHaveLength(0);
  });
});
