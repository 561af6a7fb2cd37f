import type { Shape } from '../rule.ts';

/** Formats that many services share. */
export const FORMATS: readonly Shape[] = [
  {
    name: 'jwt',
    begins: ['eyJ'],
    shape: /eyJ[\w-]{10,}\.[\w-]{4,}(?:\.[\w-]*){0,3}/y,
    run: /[\w-]*/y,
    goes: 'eyJ{alnum:40}.eyJ{alnum:60}.{url:43}',
    stays: 'eyJhbGciOiJIUzI1NiJ9 alone',
    source: 'gitleaks jwt',
  },
  {
    name: 'private-key',
    begins: ['-----BEGIN '],
    // A command behind it is no key: what steers a shell ends it.
    shape:
      /-----BEGIN [A-Z0-9 ]{0,60}PRIVATE KEY(?: BLOCK)?-----[^;|&<>$`'"]*?(?:-----END [A-Z0-9 ]{0,60}PRIVATE KEY(?: BLOCK)?-----|(?=[;|&<>$`'"]|$))/y,
    goes: '-----BEGIN RSA PRIVATE KEY-----\n{base64:64}\n{base64:64}\n-----END RSA PRIVATE KEY-----',
    stays: '-----BEGIN CERTIFICATE-----',
    source: 'gitleaks private-key',
  },
  {
    name: 'putty-private-key',
    begins: ['Private-Lines: '],
    keeps: true,
    shape: /Private-Lines: [1-9][^;|&<>$`'"]*?(?=(?:\\[nr]|[\r\n])+Private-MAC|[;|&<>$`'"]|$)/y,
    goes: 'Private-Lines: 2\n{base64:64}\n{base64:64}',
    stays: 'Private-Lines: none',
    source: 'PuTTY',
  },
  {
    name: 'add-mask',
    begins: ['::add-mask::'],
    keeps: true,
    shape: /::add-mask::(?![$*[{])[^\s"'`\\]{4,}/iy,
    goes: '::add-mask::{alnum:32}',
    stays: '::add-mask::$TOKEN',
    source: 'GitHub Actions, workflow commands',
  },
  {
    name: 'sql-password',
    begins: ["identified by '"],
    keeps: true,
    shape: /identified by '(?!\$|\[REDACTED)[^'\\]{4,200}/iy,
    goes: "identified by '{alnum:20}",
    stays: "identified by '$PASSWORD'",
    source: 'SQL',
  },
  {
    name: 'redis-password',
    begins: ['requirepass ', 'masterauth '],
    keeps: true,
    // Behind the words in prose stand words.
    shape:
      /(?:requirepass|masterauth) {1,4}\\*["']?(?!\$|\[REDACTED)(?=[A-Za-z]{0,128}[^A-Za-z\s"'`\\.,])[^\s"'`\\]{6,}/iy,
    goes: 'requirepass {alnum:20}7',
    stays: 'requirepass directive',
    source: 'redis.conf',
  },
  {
    name: 'vault-secret-id',
    begins: [
      'secret_id=',
      'secret_id: ',
      'secret_id":"',
      'secret_id": "',
      'secret_id\\":\\"',
      'secret_id\\": \\"',
    ],
    keeps: true,
    shape: /secret_id\\*["']?(?:=|: ?)\\*["']?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/iy,
    goes: 'secret_id={uuid}',
    stays: 'secret_id=prod/db',
    source: 'Vault, AppRole',
  },
  {
    name: 'oracle-userinfo',
    begins: ['jdbc:oracle:thin:'],
    keeps: true,
    shape: /jdbc:oracle:thin:[\w.-]{1,64}\/(?!\$)[^@\s"'\\]{4,128}/iy,
    goes: 'jdbc:oracle:thin:app/{alnum:20}',
    stays: 'jdbc:oracle:thin:@db.example.com:1521/app',
    source: 'Oracle JDBC',
  },
  {
    name: 'bearer-token',
    begins: ['bearer '],
    keeps: true,
    shape: /(?<![A-Za-z0-9])bearer (?=[A-Za-z._~+/-]{0,80}\d)[\w.~+/-]{16,}={0,2}/iy,
    goes: 'Bearer {alnum:32}',
    stays: 'bearer authentication',
    source: 'RFC 6750',
  },
];
