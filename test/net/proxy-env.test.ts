import { describe, expect, it, test } from '@jest/globals';
import { ConfigError } from '../../src/contracts/errors.ts';
import { proxyRoutes } from '../../src/net/proxy-env.ts';

/** The proxy for an https target, by host name. */
const proxyOf = (env: NodeJS.ProcessEnv, host = 'target.example', port = 443, protocol = 'https:') =>
  proxyRoutes(env)?.({ protocol, host, port })?.name;

describe('the proxy variables', () => {
  test.each<[NodeJS.ProcessEnv, string | undefined]>([
    [{}, undefined],
    [{ HTTPS_PROXY: '' }, undefined],
    [{ HTTPS_PROXY: 'proxy:3128' }, 'http://proxy:3128'],
    [{ HTTPS_PROXY: 'proxy' }, 'http://proxy'],
    [{ HTTPS_PROXY: '[fd00::1]:3128' }, 'http://[fd00::1]:3128'],
    [{ HTTPS_PROXY: 'https://proxy:3129' }, 'https://proxy:3129'],
    [{ HTTPS_PROXY: 'socks5h://proxy:1080' }, 'socks5h://proxy:1080'],
    [{ HTTPS_PROXY: 'http://proxy:3128\n' }, 'http://proxy:3128'],
    [{ https_proxy: 'lower:1', HTTPS_PROXY: 'upper:1' }, 'http://lower:1'],
    [{ https_proxy: '', HTTPS_PROXY: 'upper:1' }, 'http://upper:1'],
    [{ ALL_PROXY: 'all:1' }, 'http://all:1'],
    [{ ALL_PROXY: 'all:1', HTTPS_PROXY: 'secure:1' }, 'http://secure:1'],
    [{ HTTP_PROXY: 'plain:1' }, undefined],
  ])('%j', (env, expected) => {
    expect(proxyOf(env)).toBe(expected);
  });

  it('depend on the scheme of the target', () => {
    const env = { HTTP_PROXY: 'plain:1', HTTPS_PROXY: 'secure:1' };
    expect(proxyOf(env, 'a', 80, 'http:')).toBe('http://plain:1');
    expect(proxyOf(env, 'a', 443, 'https:')).toBe('http://secure:1');
  });

  it('give credentials, unescaped, and names without them', () => {
    const proxy = proxyRoutes({ HTTPS_PROXY: 'http://user:p%40ss@proxy:1' })?.({
      protocol: 'https:',
      host: 'a',
      port: 443,
    });
    expect(proxy?.authorization).toBe(`Basic ${Buffer.from('user:p@ss').toString('base64')}`);
    expect(proxy?.name).toBe('http://proxy:1');
  });

  test.each([
    'ftp://user:secret@proxy',
    'http://user:secret%zz@proxy',
    'http://',
    'http://user:secret@proxy:99999',
  ])('%s is for the operator to correct, and is not quoted', (HTTPS_PROXY) => {
    const open = () => proxyRoutes({ HTTPS_PROXY });
    expect(open).toThrow(ConfigError);
    expect(open).toThrow(/^HTTPS_PROXY: /);
    expect(open).not.toThrow(/secret/);
  });
});

describe('NO_PROXY', () => {
  const direct = (list: string, host: string, port = 443): boolean =>
    proxyOf({ HTTPS_PROXY: 'proxy:1', NO_PROXY: list }, host, port) === undefined;

  test.each<[list: string, host: string, port: number]>([
    ['*', 'anything.example', 443],
    ['a.example', 'a.example', 443],
    ['a.example', 'deep.a.example', 443],
    ['.a.example', 'a.example', 443],
    ['.a.example', 'deep.a.example', 443],
    ['*.a.example', 'deep.a.example', 443],
    ['a.example', 'A.EXAMPLE', 443],
    ['a.example', 'a.example.', 443],
    ['a.example.', 'a.example', 443],
    ['a.example:9200', 'a.example', 9200],
    ['x, a.example', 'a.example', 443],
    ['x a.example', 'a.example', 443],
    ['10.1.2.3', '10.1.2.3', 443],
    ['10.1.2.3:9200', '10.1.2.3', 9200],
    ['10.0.0.0/8', '10.200.3.4', 443],
    ['0.0.0.0/0', '192.0.2.1', 443],
    ['::1', '::1', 443],
    ['::1', '[::1]', 443],
    ['[::1]', '::1', 443],
    ['[::1]:9200', '::1', 9200],
    ['fd00::/8', 'fd12:3456::1', 443],
    ['fd00::/8', '[fd12::1]', 443],
    ['0:0:0:0:0:0:0:1', '::1', 443],
  ])('%s reaches %s:%s directly', (list, host, port) => {
    expect(direct(list, host, port)).toBe(true);
  });

  test.each<[list: string, host: string, port: number]>([
    ['', 'a.example', 443],
    ['a.example', 'bad-a.example', 443],
    ['.a.example', 'bada.example', 443],
    ['a.example', 'example', 443],
    ['a.example:9200', 'a.example', 443],
    ['10.1.2.3', '10.1.2.30', 443],
    ['10.0.0.0/8', '11.0.0.1', 443],
    ['10.0.0.0/99', '10.0.0.1', 443],
    ['10.0.0.0/8', 'a.10.example', 443],
    ['fd00::/8', 'fe80::1', 443],
    ['fd00::/8', '10.0.0.1', 443],
    ['[::1]:9200', '::1', 443],
  ])('%s sends %s:%s through the proxy', (list, host, port) => {
    expect(direct(list, host, port)).toBe(false);
  });

  it('wins in lower case', () => {
    expect(proxyOf({ HTTPS_PROXY: 'proxy:1', no_proxy: 'other', NO_PROXY: 'a' }, 'a')).toBeDefined();
  });
});
