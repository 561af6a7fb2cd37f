import { describe, expect, it, test } from '@jest/globals';
import { bucketOptions } from '../../src/sources/bucket-options.ts';
import { sourceOf } from '../../src/sources/index.ts';

const bucket = { type: 's3', bucket: 'b' };
const queue = { queue_url: 'https://sqs.eu-central-1.amazonaws.com/111122223333/q' };

function complaints(options: Record<string, unknown>): string[] {
  const found = bucketOptions.safeParse({ ...bucket, ...options }).error?.issues ?? [];
  return found.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('an option that does not apply is refused', () => {
  test.each([
    ['queue_wait', '20s'],
    ['queue_visibility_timeout', '5m'],
  ])('%s without queue_url', (key, value) => {
    expect(complaints({ start: 'now', [key]: value })).toEqual([
      `${key}: has no effect without queue_url: leave it out`,
    ]);
  });
  it('but options for listing are accepted with a queue, so that one can be added to a configuration', () => {
    expect(complaints({ ...queue, start: 'now', full_list_interval: '24h' })).toEqual([]);
    expect(complaints({ ...queue, allowed_lateness: '7d', prefixes: ['d/'], fetch_concurrency: 8 })).toEqual(
      [],
    );
  });
});

it('start is required if the bucket is listed, and only then', () => {
  expect(complaints({})).toEqual([
    expect.stringMatching(/^start: required without queue_url: expected begin/),
  ]);
  expect(complaints({ start: 'now' })).toEqual([]);
  expect(complaints(queue)).toEqual([]);
});

it('the queue makes it a different kind of source with the same name and identity', () => {
  const [listing, asking] = [{ start: 'now' }, queue].map((more) =>
    sourceOf(bucketOptions.parse({ ...bucket, ...more })),
  );
  expect([listing?.shared, asking?.shared]).toEqual([false, true]);
  expect([listing?.shards, asking?.shards]).toEqual([true, true]);
  expect(asking?.name).toBe(listing?.name);
  expect(asking?.identify()).toBe(listing?.identify());
});
