import { afterEach, describe, expect, it, test } from '@jest/globals';
import { ConfigError } from '../../../src/contracts/errors.ts';
import { elasticsearchSchema } from '../../../src/sinks/elasticsearch/options.ts';
import { createElasticsearchSink } from '../../../src/sinks/elasticsearch/sink.ts';
import { documentsOf, testContext } from '../../contract/sink.ts';
import { item, problem, type Script, type Seen, type Step, script } from './scripted.ts';

const live = new AbortController().signal;
const closing: (() => Promise<void> | undefined)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function open(steps: Script, over: Record<string, unknown> = {}) {
  const server = await script(steps);
  const sink = createElasticsearchSink(
    elasticsearchSchema.parse({ urls: [server.url], ...over }),
    testContext(),
  );
  closing.push(async () => sink.close?.(), server.close);
  return { server, sink };
}

const typesOf = (request: Seen): string[] => {
  const { accept, 'content-type': content } = request.headers;
  return [accept, content].filter((type) => type !== undefined);
};
const refuses9: Step = {
  status: 400,
  body: {
    error: {
      type: 'media_type_header_exception',
      reason: 'Invalid media-type value on headers [Accept, Content-Type]',
      caused_by: {
        type: 'status_exception',
        reason:
          'Accept version must be either version 8 or 7, but found 9. Accept=application/vnd.elasticsearch+json; compatible-with=9',
      },
    },
    status: 400,
  },
};
/** Like a real server: refuses `Accept` with a comma, and a `Content-Type` on a request without a body. */
const judged = ({ headers: { accept, 'content-type': content }, body }: Seen): string[] => [
  ...(accept === undefined || accept.includes(',') ? [] : [accept]),
  ...(content === undefined || body === '' ? [] : [content]),
];
/** A server that accepts only the media types of this version. */
const only =
  (major: number, greeting: Step): NonNullable<Script['other']> =>
  (request) => {
    const others = judged(request).filter((type) => !type.includes(`compatible-with=${major}`));
    if (others.length > 0) return refuses9;
    return request.path === '/' ? greeting : undefined;
  };
const version = (number: string, flavor = 'default'): Step => ({
  status: 200,
  body: { version: { number, build_flavor: flavor } },
});
const dialect = (server: { bulks: () => readonly Seen[] }): string[] =>
  server
    .bulks()
    .flatMap((request) => [
      request.headers['content-type'] ?? '',
      request.headers.accept ?? '',
      String(request.query.get('include_source_on_error')),
    ]);
const words = (major: number, hides: string): string[] => [
  `application/vnd.elasticsearch+x-ndjson; compatible-with=${major}`,
  `application/vnd.elasticsearch+json; compatible-with=${major}`,
  hides,
];

describe('the dialect', () => {
  const rows: [string, Step, number, string][] = [
    ['9 for a version 9 server', version('9.4.3'), 9, 'false'],
    ['9 if we may not ask', problem(403, 'security_exception'), 9, 'false'],
    ['9 for serverless, whatever version it reports', version('8.11.0', 'serverless'), 9, 'false'],
    ['8 for a version 8.19 server', version('8.19.1'), 8, 'false'],
    ['8 for a version 8.12 server', version('8.12.0'), 8, 'null'],
    ['8 if we may not ask', problem(403, 'security_exception'), 8, 'null'],
  ];
  test.each(rows)('is %s', async (_, greeting, major, hides) => {
    const { server, sink } = await open({ other: only(major, greeting) });
    await sink.write(documentsOf(1), live);
    await sink.write(documentsOf(1), live);
    expect(dialect(server)).toEqual([...words(major, hides), ...words(major, hides)]);
    expect(server.seen.filter(({ path }) => path === '/')).toHaveLength(major === 8 ? 2 : 1);
    for (const request of server.seen.slice(major === 8 ? 1 : 0)) {
      expect(typesOf(request).every((type) => type.includes(`compatible-with=${major}`))).toBe(true);
    }
  });

  it('is 8 for a version 8 server behind a proxy that accepts 9', async () => {
    const { server, sink } = await open({
      other: ({ path }) => (path === '/' ? version('8.17.0') : undefined),
    });
    await sink.write(documentsOf(1), live);
    expect(dialect(server)).toEqual(words(8, 'null'));
  });

  it.each([
    ['7 that refuses both', refuses9],
    ['7 that does not', version('7.17.9')],
  ])('is undefined for a version %s', async (_, greeting) => {
    const { server, sink } = await open({ other: ({ path }) => (path === '/' ? greeting : undefined) });
    await expect(sink.write(documentsOf(1), live)).rejects.toThrow(/expected Elasticsearch 8 or 9/);
    expect(server.bulks()).toEqual([]);
  });

  it.each([[{}], [{ version: '9.4.3' }], [[]]])(
    'is not asked for if a server greets with %j',
    async (body) => {
      const { server, sink } = await open({ other: () => ({ status: 200, body }) });
      await expect(sink.write(documentsOf(1), live)).rejects.toThrow(ConfigError);
      expect(server.bulks()).toEqual([]);
    },
  );

  it('is named when a later request is refused because of it, as a configuration error', async () => {
    const { sink } = await open({ bulk: () => refuses9 });
    const writing = sink.write(documentsOf(1), live);
    await expect(writing).rejects.toThrow(ConfigError);
    await expect(writing).rejects.toThrow(/x-ndjson; compatible-with=9: .*must be either version 8 or 7/);
  });

  it('leaves out require_data_stream once a server does not know it', async () => {
    const unknown = problem(
      400,
      'illegal_argument_exception',
      'request [/x/_bulk] contains unrecognized parameter: [require_data_stream]',
    );
    const { server, sink } = await open({
      bulk: (request) =>
        request.query.has('require_data_stream')
          ? unknown
          : {
              status: 200,
              body: { items: request.uids.map(() => item(201)) },
            },
    });
    await sink.write(documentsOf(1), live);
    await sink.write(documentsOf(1), live);
    expect(server.bulks().map(({ query }) => query.has('require_data_stream'))).toEqual([true, false, false]);
  });

  it('stops at a plain index if the server does not check for it', async () => {
    const { sink } = await open({
      bulk: (request) =>
        request.query.has('require_data_stream')
          ? problem(400, 'illegal_argument_exception', 'unrecognized parameter: [require_data_stream]')
          : {
              status: 200,
              body: { items: [item(201, { _index: 'logs-stepsecurity.detection-default' })] },
            },
    });
    await expect(sink.write(documentsOf(1), live)).rejects.toThrow(/plain index/);
  });
});

describe('credentials', () => {
  const pair = 'id:key';
  const encoded = Buffer.from(pair).toString('base64');
  const rows: [string, Record<string, unknown>, string | undefined][] = [
    ['none', {}, undefined],
    ['an encoded API key', { api_key: encoded }, `ApiKey ${encoded}`],
    ['an API key as id:key', { api_key: pair }, `ApiKey ${encoded}`],
    ['a user', { username: 'u', password: 'p' }, `Basic ${Buffer.from('u:p').toString('base64')}`],
  ];
  test.each(rows)('%s', async (_, over, header) => {
    const { server, sink } = await open({ other: only(8, version('8.19.0')) }, over);
    await sink.write(documentsOf(1), live);
    expect(server.bulks()[0]?.headers.authorization).toBe(header);
    expect(new Set(server.seen.map(({ headers }) => headers.authorization))).toEqual(new Set([header]));
  });

  it('from a missing file are reported by the file name', async () => {
    const { sink } = await open({}, { api_key_file: '/nowhere/key' });
    const writing = sink.write(documentsOf(1), live);
    await expect(writing).rejects.toThrow(ConfigError);
    await expect(writing).rejects.toThrow('sink.api_key_file /nowhere/key');
  });

  it('an invalid cloud ID is reported as such', async () => {
    const options = elasticsearchSchema.parse({ cloud_id: 'no-colon' });
    const sink = createElasticsearchSink(options, testContext());
    await expect(sink.write(documentsOf(1), live)).rejects.toThrow(/sink.cloud_id/);
  });
});

describe('options', () => {
  const urls = ['https://es.example:9200'];
  const rows: [string, Record<string, unknown>, string][] = [
    ['no place', {}, 'urls'],
    ['two places', { urls, cloud_id: 'a:b' }, 'urls'],
    ['both kinds of credentials', { urls, api_key: 'k', username: 'u', password: 'p' }, 'username'],
    ['two API keys', { urls, api_key: 'k', api_key_file: 'f' }, 'api_key'],
    ['a user without a password', { urls, username: 'u' }, 'password'],
    ['a password without a user', { urls, password: 'p' }, 'username'],
    ['credentials in a URL', { urls: ['https://u:p@es.example'] }, 'urls'],
    [
      'a fingerprint without TLS',
      { urls: ['http://es.example'], ca_fingerprint: 'ab'.repeat(32) },
      'ca_fingerprint',
    ],
    ['a bad namespace', { urls, namespace: 'a-b' }, 'namespace'],
  ];
  test.each(rows)('refuse %s', (_, options, key) => {
    const result = elasticsearchSchema.safeParse(options);
    expect(result.error?.issues.map((issue) => issue.path[0])).toContain(key);
  });

  it('accept valid settings, with their defaults', () => {
    expect(elasticsearchSchema.parse({ urls })).toEqual({
      type: 'elasticsearch',
      urls,
      namespace: 'default',
      compression: 'gzip',
      heartbeat: true,
      request_bytes: 5_242_880,
      request_timeout: 60_000,
    });
  });
});
