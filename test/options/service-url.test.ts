import { expect, it } from '@jest/globals';
import { elasticsearchSchema } from '../../src/sinks/elasticsearch/options.ts';
import { splunkHecSchema } from '../../src/sinks/splunk-hec/options.ts';
import { apiOptions } from '../../src/sources/api/options.ts';
import { bucketOptions } from '../../src/sources/bucket-options.ts';

const bucket = { type: 's3', bucket: 'b' };

it.each([
  [
    'source.url of the API',
    (url: string) => apiOptions.safeParse({ type: 'api', customer: 'c', api_key: 'k', url: url }),
  ],
  ['source.endpoint', (url: string) => bucketOptions.safeParse({ ...bucket, start: 'now', endpoint: url })],
  ['source.queue_url', (url: string) => bucketOptions.safeParse({ ...bucket, queue_url: url })],
  ['sink.urls', (url: string) => elasticsearchSchema.safeParse({ urls: [url] })],
  ['sink.url', (url: string) => splunkHecSchema.safeParse({ url, token: 't' })],
])('%s must be a URL without credentials, and is never quoted', (_, parse) => {
  expect(parse('https://service.example/path').success).toBe(true);
  for (const url of ['https://hunter2@service.example', 'https://u:hunter2@service.example']) {
    const complaint = JSON.stringify(parse(url).error?.issues);
    expect(complaint).toContain('expected no credentials in a URL');
    expect(complaint).not.toContain('hunter2');
  }
  expect(parse('ftp://service.example').success).toBe(false);
});
