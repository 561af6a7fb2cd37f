import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createClients } from '../../src/receive/clients.ts';
import { openSecrets } from '../../src/receive/secrets.ts';
import { openCertificate } from '../../src/receive/tls.ts';
import { makeCertificates } from '../aws/certificates.ts';
import { itInFull } from '../full.ts';
import { silent } from '../state/context.ts';
import { receiving } from './receiving.ts';

const folder = mkdtempSync(join(tmpdir(), 'guards-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const long = (letter: string): string => letter.repeat(32);

describe('secrets', () => {
  it('are any of several, with or without Bearer, and nothing else', () => {
    const files = [file('one', `${long('a')}\n`), file('two', `Bearer ${long('b')}`)];
    const secrets = openSecrets({ header: 'x-secret', files, log: silent });
    const accepts = (value: string | undefined) => secrets.accepts({ 'x-secret': value });
    expect([long('a'), long('b'), `Bearer ${long('a')}`, `bearer  ${long('b')}`].map(accepts)).toEqual(
      Array.from({ length: 4 }, () => true),
    );
    const wrong = [
      undefined,
      '',
      'Bearer ',
      long('A'),
      `${long('a')}a`,
      long('a').slice(1),
      `${long('a')}, ${long('a')}`,
    ];
    expect(wrong.map(accepts)).toEqual(wrong.map(() => false));
    secrets.close();
  });

  it.each([
    ['that is short', 'short', /fewer than 16 characters/],
    ['that is empty', '\n', /is empty/],
    ['of two lines', `${long('a')}\n${long('b')}`, /control characters/],
  ])('one %s is refused, and not quoted', (_, text, complaint) => {
    const files = [file('bad', text)];
    const open = () => openSecrets({ header: 'authorization', files, log: silent });
    expect(open).toThrow(complaint);
    expect(open).not.toThrow(new RegExp(text.trim() === '' ? 'nothing' : (text.split('\n')[0] ?? '')));
  });

  it('are read again when a file changes; one that cannot be read changes nothing', async () => {
    const files = [file('turning', long('o'))];
    const secrets = openSecrets({ header: 'authorization', files, log: silent, pollMs: 20 });
    const accepts = (letter: string) => secrets.accepts({ authorization: long(letter) });
    await sleep(60);
    file('turning', 'short');
    await sleep(150);
    expect(accepts('o')).toBe(true);
    file('turning', long('n'));
    for (let tries = 0; tries < 100 && !accepts('n'); tries += 1) await sleep(20);
    expect([accepts('n'), accepts('o')]).toEqual([true, false]);
    secrets.close();
  });

  // By the clock, which cannot be trusted while other suites use every core.
  itInFull('take no longer for a guess that is nearly right', () => {
    // So long that a comparison letter by letter would take a third longer than its hash.
    const secret = 's'.repeat(4_000);
    const secrets = openSecrets({ header: 'authorization', files: [file('timed', secret)], log: silent });
    const guesses = [`x${secret.slice(1)}`, `${secret.slice(1)}x`];
    const best = guesses.map(() => Number.POSITIVE_INFINITY);
    for (let round = 0; round < 400; round += 1)
      for (const [at, authorization] of guesses.entries()) {
        const began = performance.now();
        for (let n = 0; n < 100; n += 1) secrets.accepts({ authorization });
        best[at] = Math.min(best[at] as number, performance.now() - began);
      }
    secrets.close();
    const [far = 0, near = 0] = best;
    expect(Math.abs(near - far)).toBeLessThan(0.15 * far);
  });
});

describe('the address of a sender', () => {
  const peer = (remoteAddress: string, forwarded?: string) => ({
    socket: { remoteAddress } as Socket,
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  });
  const trusting = createClients({
    allow: ['192.0.2.0/24', '2001:db8::/32'],
    trusted_proxies: ['10.0.0.0/8'],
  });
  const wary = createClients({ allow: ['192.0.2.0/24'] });

  it.each([
    ['its own', peer('192.0.2.7'), '192.0.2.7', true],
    ['its own, in IPv6 clothes', peer('::ffff:192.0.2.7'), '192.0.2.7', true],
    ['its own, whatever it says of others', peer('198.51.100.1', '192.0.2.7'), '198.51.100.1', false],
    ['what a trusted proxy says', peer('10.1.2.3', '192.0.2.7'), '192.0.2.7', true],
    [
      'the last that no trusted proxy has',
      peer('10.1.2.3', '192.0.2.7, 198.51.100.1, 10.9.9.9'),
      '198.51.100.1',
      false,
    ],
    ['with a port', peer('10.1.2.3', '192.0.2.7:4711'), '192.0.2.7', true],
    ['IPv6 with a port', peer('10.1.2.3', '[2001:db8::1]:4711'), '2001:db8::1', true],
    ['that of the proxy, which names nobody', peer('10.1.2.3'), '10.1.2.3', false],
    ['none that can be read', peer('10.1.2.3', '192.0.2.7, unknown'), undefined, false],
  ])('%s', (_, request, address, allowed) => {
    expect(trusting.addressOf(request)).toBe(address);
    expect(trusting.isAllowed(address)).toBe(allowed);
  });

  it('is never what a sender says, where no proxy is trusted', () => {
    expect(wary.addressOf(peer('198.51.100.1', '192.0.2.7'))).toBe('198.51.100.1');
    expect(createClients({}).isAllowed(undefined)).toBe(true);
  });

  it('that may not send gets 403 before anything else is looked at', async () => {
    await receiving(
      async ({ url, stored }) => {
        const answer = await fetch(url, { method: 'POST', body: '{}' });
        expect([answer.status, await answer.text()]).toEqual([403, 'this address may not send\n']);
        expect(stored()).toEqual([]);
      },
      { receive: { allow: ['192.0.2.0/24'] } },
    );
  });
});

describe('TLS', () => {
  const made = (name: string): { cert_file: string; key_file: string; caFile: string } => {
    const at = mkdtempSync(join(folder, name));
    const { caFile } = makeCertificates(at, ['localhost']);
    return { cert_file: join(at, 'crt'), key_file: join(at, 'key'), caFile };
  };

  it('takes 1.2 and 1.3, and nothing older', async () => {
    const { caFile, ...tls } = made('tls');
    await receiving(
      async ({ port, secret, stored }) => {
        const asked = async (maxVersion: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') =>
          new Promise<string>((resolve) => {
            const socket: TLSSocket = connect(
              {
                port,
                host: '127.0.0.1',
                servername: 'localhost',
                ca: readFileSync(caFile),
                minVersion: maxVersion === 'TLSv1.1' ? 'TLSv1' : maxVersion,
                maxVersion,
                ciphers: 'DEFAULT:@SECLEVEL=0',
              },
              () => resolve(String(socket.getProtocol())),
            );
            socket.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
          });
        expect(await asked('TLSv1.2')).toBe('TLSv1.2');
        expect(await asked('TLSv1.3')).toBe('TLSv1.3');
        expect(await asked('TLSv1.1')).toMatch(/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|ECONNRESET/);
        const status = await new Promise<number | undefined>((resolve, reject) => {
          const options = { port, host: '127.0.0.1', servername: 'localhost', ca: readFileSync(caFile) };
          request(
            { ...options, path: '/webhook', method: 'POST', headers: { authorization: secret } },
            (answer) => resolve(answer.resume().statusCode),
          )
            .on('error', reject)
            .end('{"id":"a"}');
        });
        expect(status).toBe(200);
        expect(stored()).toEqual(['{"id":"a"}\n']);
      },
      { receive: { tls } },
    );
  });

  it.each([
    ['nothing', ''],
    ['half a handshake', '\x16\x03\x01\x02\x00'],
    ['plain HTTP', 'POST /webhook HTTP/1.1\r\n\r\n'],
  ])('closes a connection that sends %s, and does not wait for it at the end', async (_, sent) => {
    const { caFile: __, ...tls } = made('mute');
    const closes = (port: number): Promise<void> =>
      new Promise((resolve) => {
        const socket = connectTcp(port, '127.0.0.1', () => socket.write(Buffer.from(sent, 'latin1')));
        socket.on('error', () => undefined).once('close', () => resolve());
        // Without this, the end of the stream would go unnoticed.
        socket.resume();
      });
    await receiving(
      async ({ port, receiver }) => {
        await closes(port);
        const open = () => new Promise((resolve) => receiver.server.getConnections((___, n) => resolve(n)));
        for (let tries = 0; tries < 100 && (await open()) !== 0; tries += 1) await sleep(20);
        expect(await open()).toBe(0);
      },
      { receive: { tls, header_timeout: '300ms' } },
    );
  });

  it('takes a new certificate, and keeps the one before while the files do not belong together', async () => {
    const [one, other] = [made('one'), made('other')];
    const certificate = openCertificate({ cert_file: one.cert_file, key_file: one.key_file }, silent, 20);
    const given: unknown[] = [];
    certificate.follow({ setSecureContext: (context) => void given.push(context) });
    await sleep(60);
    writeFileSync(one.cert_file, readFileSync(other.cert_file));
    await sleep(200);
    expect(given).toEqual([]);
    writeFileSync(one.key_file, readFileSync(other.key_file));
    for (let tries = 0; tries < 100 && given.length === 0; tries += 1) await sleep(20);
    expect(given).toMatchObject([{ cert: readFileSync(other.cert_file), minVersion: 'TLSv1.2' }]);
    certificate.close();
  });

  it('is refused with a key of another certificate', () => {
    const [one, other] = [made('a'), made('b')];
    const tls = { cert_file: one.cert_file, key_file: other.key_file };
    expect(() => openCertificate(tls, silent)).toThrow(
      /receive\.tls: .* are not a PEM certificate and its private key/,
    );
  });
});
