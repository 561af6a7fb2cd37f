import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Pair {
  readonly key: string;
  readonly cert: string;
}

export interface Authority {
  readonly caFile: string;
  /** A certificate for these names; valid from `from` to `to` (in OpenSSL's time format), or now. */
  issue(name: string, names: string, times?: { readonly from: string; readonly to: string }): Pair;
  /** A self-signed certificate. */
  selfSigned(names: string): Pair;
  /** Revokes the certificate issued under this name, and returns the revocation list. */
  revoke(name: string): string;
  remove(): void;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Creates a certificate authority in a new folder. */
export function makeAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'authority-'));
  const at = (file: string): string => join(folder, file);
  const openssl = (args: readonly string[]): void => {
    execFileSync('openssl', args, { stdio: 'pipe', cwd: folder });
  };
  const read = (name: string): Pair => ({
    key: readFileSync(at(`${name}.key`), 'utf8'),
    cert: readFileSync(at(`${name}.crt`), 'utf8'),
  });
  writeFileSync(at('index.txt'), '');
  writeFileSync(at('serial'), '01\n');
  writeFileSync(at('crlnumber'), '01\n');
  writeFileSync(
    at('ca.cnf'),
    `[ca]\ndefault_ca=d\n[d]\ndir=${folder}\ndatabase=$dir/index.txt\nserial=$dir/serial\ncrlnumber=$dir/crlnumber\nnew_certs_dir=$dir\ncertificate=$dir/ca.crt\nprivate_key=$dir/ca.key\ndefault_md=sha256\ndefault_days=2\ndefault_crl_days=2\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n`,
  );
  const self = ['-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=Test CA'];
  openssl(['req', '-x509', ...KEY, ...self]);
  return {
    caFile: at('ca.crt'),
    issue(name, names, times) {
      openssl(['req', ...KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`]);
      writeFileSync(at(`${name}.ext`), `subjectAltName=${names}\n`);
      const dates = times === undefined ? [] : ['-startdate', times.from, '-enddate', times.to];
      const files = ['-in', `${name}.csr`, '-out', `${name}.crt`, '-extfile', `${name}.ext`];
      openssl(['ca', '-batch', '-notext', '-config', 'ca.cnf', ...files, ...dates]);
      return read(name);
    },
    selfSigned(names) {
      const subject = ['-subj', '/CN=self', '-addext', `subjectAltName=${names}`];
      openssl(['req', '-x509', ...KEY, '-keyout', 'self.key', '-out', 'self.crt', '-days', '2', ...subject]);
      return read('self');
    },
    revoke(name) {
      openssl(['ca', '-config', 'ca.cnf', '-revoke', `${name}.crt`]);
      openssl(['ca', '-config', 'ca.cnf', '-gencrl', '-out', 'crl.pem']);
      return readFileSync(at('crl.pem'), 'utf8');
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
