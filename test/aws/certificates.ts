import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificates {
  readonly caFile: string;
  readonly key: string;
  readonly cert: string;
}

/** Creates a certificate authority in `folder`, and a server certificate it signed for these hosts. */
export function makeCertificates(folder: string, hosts: readonly string[]): Certificates {
  const at = (file: string): string => join(folder, file);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { stdio: 'pipe' });
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.crt'),
    '-days',
    '2',
    '-subj',
    '/CN=Test CA',
  );
  openssl('req', ...key, '-keyout', at('key'), '-out', at('csr'), '-subj', '/CN=server');
  writeFileSync(at('ext'), `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(',')}\n`);
  const signed = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2'];
  openssl('x509', '-req', '-in', at('csr'), ...signed, '-extfile', at('ext'), '-out', at('crt'));
  return {
    caFile: at('ca.crt'),
    key: readFileSync(at('key'), 'utf8'),
    cert: readFileSync(at('crt'), 'utf8'),
  };
}
