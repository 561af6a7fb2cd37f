import { SHAPES } from '../../src/redaction/shapes/index.ts';
import { randomOf } from '../bench/generate.ts';

/** Tokens are generated when a test runs, so that no file of this project holds one. */

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const DIGITS = '0123456789';
const ALPHABETS: Readonly<Record<string, string>> = {
  alnum: LOWER + UPPER + DIGITS,
  alpha: LOWER + UPPER,
  lowerdigit: LOWER + DIGITS,
  upper: UPPER + DIGITS,
  digit: DIGITS,
  hex: `${DIGITS}abcdef`,
  base32: `${UPPER}234567`,
  bech32: 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L',
  base64: `${LOWER}${UPPER}${DIGITS}+/`,
  url: `${LOWER}${UPPER}${DIGITS}_-`,
};

/** A text from a rule's template, the same for the same seed. */
export function made(template: string, seed = 1): string {
  const random = randomOf(seed);
  const draw = (alphabet: string, length: number): string =>
    Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
  return template
    .replaceAll('{uuid}', () => [8, 4, 4, 4, 12].map((length) => draw(ALPHABETS.hex ?? '', length)).join('-'))
    .replace(/\{(\w+):(\d+)\}/g, (_, name: string, length: string) =>
      draw(ALPHABETS[name] ?? '', Number(length)),
    );
}

/** The part of a token that must not appear anywhere afterwards. */
export function heart(token: string): string {
  return token
    .replace(/-----END.*$/s, '')
    .trim()
    .slice(-12);
}

const word = (seed: number): string => made('{alnum:20}7', seed);

/** A secret recognized by its place: the text, and the secret in it. */
export function placed(seed = 1): readonly (readonly [place: string, text: string, secret: string])[] {
  const s = word(seed);
  const basic = Buffer.from(`user:${s}`).toString('base64');
  const rows: [string, string][] = [
    ['any scheme', `curl -H 'Authorization: Custom ${s}' https://api.example.com/x`],
    ['a digest', `Authorization: Digest username="x", response="${s}"`],
    ['X-…-Key', `curl -H "X-Acme-Key: ${s}" https://api.example.com`],
    ['X-…-Token', `X-Vault-Token: ${s}`],
    ['GitLab’s header', `PRIVATE-TOKEN: ${s}`],
    ['cookies', `Cookie: theme=dark; sid=${s}`],
    ['a cookie that is set', `Set-Cookie: sid=${s}; Path=/`],
    ['curl -u', `curl -u me:${s} https://api.example.com`],
    ['curl --user', `curl --user me:${s} https://api.example.com`],
    ['mysql -p', `mysql -h db -p${s} app`],
    ['sshpass -p', `sshpass -p ${s} ssh host`],
    ['docker login -p', `docker login -u me -p ${s} registry.example.com`],
    ['redis-cli -a', `redis-cli -a ${s} ping`],
    ['--password', `tool --password ${s} run`],
    ['--passphrase=', `gpg --passphrase=${s} -d x`],
    ['--token', `tool --token ${s}`],
    ['--auth', `tool --auth ${s}`],
    ['--api-key', `tool --api-key ${s}`],
    ['DB_PASS', `DB_PASS=${s} ./migrate`],
    ['TOKEN_1', `TOKEN_1=${s}`],
    ['API_KEY_PROD', `export API_KEY_PROD=${s}`],
    ['…_CREDENTIALS', `MY_CREDENTIALS=${s}`],
    ['YAML', `db:\n  password: ${s}\n`],
    ['JSON', `{"password":"${s}"}`],
    ['JSON in JSON', JSON.stringify({ a: JSON.stringify({ client_secret: s }) })],
    ['name and value', `{"name":"DB_PASSWORD","value":"${s}"}`],
    ['XML', `<password>${s}</password>`],
    ['npmrc', `//registry.npmjs.org/:_authToken=${s}`],
    ['netrc', `machine api.example.com login me password ${s}`],
    ['SQL', `ALTER USER app PASSWORD '${s}'`],
    ['openssl', `openssl enc -passin pass:${s}`],
    ['aws configure', `aws configure set aws_secret_access_key ${s}`],
    ['an account key', `AccountName=a;AccountKey=${s};EndpointSuffix=core`],
    ['user and password', `https://me:${s}@api.example.com/x`],
    ['a slash and a hash in it', `https://me:a/b#${s}@api.example.com/x`],
    ['query auth', `https://api.example.com/x?auth=${s}`],
    ['query code', `https://api.example.com/x?code=${s}`],
    ['an AWS query', `https://s3.example.com/x?X-Amz-Security-Token=${s}`],
    ['percent-encoded', `https://api.example.com/x?next=%2Fy%3Ftoken%3D${s}`],
    ['a percent-encoded name', `pass%77ord=${s}`],
    ['a name with invisible characters', `pass\u200bword=${s}`],
    ['an escaped name', `{"pass\\u0077ord":"${s}"`],
  ];
  return [
    ...rows.map(([place, text]): [string, string, string] => [place, text, s]),
    ['base64', `echo ${Buffer.from(`password=${s}`).toString('base64')} | base64 -d`, s],
    ['the auth of a registry', `{"auths":{"r.example.com":{"auth":"${basic}"}}}`, basic],
  ];
}

/** Ways to write a token that is recognized by its shape. */
export const WRAPPINGS: Readonly<Record<string, (token: string) => string>> = {
  bare: (token) => token,
  'in quotes': (token) => `x "${token}" y`,
  'in an option': (token) => `--opt=${token}`,
  'followed by .txt': (token) => `x ${token}.txt y`,
  'in a path': (token) => `/tmp/${token}/x`,
  'in a query': (token) => `https://h.example/?q=${encodeURIComponent(token)}&r=1`,
  'in base64': (token) => `echo ${Buffer.from(`x ${token} y`).toString('base64')}`,
  'as JSON in JSON': (token) => JSON.stringify({ a: token }),
};

/** Places in a payload. */
export const PLACES: Readonly<Record<string, (text: string) => object>> = {
  arguments: (text) => ({ process_events: [{ exe: '/bin/x', arguments: ['x', text] }] }),
  'a command line': (text) => ({ process_events: [{ exe: '/bin/x', arguments: `x ${text}` }] }),
  'a path': (text) => ({ path: text }),
  'the detection': (text) => ({ detection: text }),
  'the link': (text) => ({ html_url: `https://a.example/${text}` }),
  'an unknown member': (text) => ({ novelty: { deep: [text] } }),
  'a key': (text) => ({ novelty: { [text]: 1 } }),
};

export { SHAPES };
