import { createHash, createHmac } from 'node:crypto';

interface Signed {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/**
 * The `Authorization` that AWS would compute for an S3 request, from the description of Signature Version 4 alone: over
 * what the request says it signed, in the scope and at the time it names.
 */
export function authorizationOf({ method, path, query = {}, headers }: Signed, secret: string): string {
  const { authorization = '', 'x-amz-date': date = '', 'x-amz-content-sha256': content = '' } = headers;
  const [, credential = '', names = ''] =
    /Credential=([^,]+), SignedHeaders=([^,]+),/.exec(authorization) ?? [];
  const scope = credential.split('/').slice(-4);
  const canonical = [
    method,
    path,
    Object.entries(query)
      .map(([name, value]) => `${encode(name)}=${encode(String(value))}`)
      .sort()
      .join('&'),
    ...names.split(';').map((name) => `${name}:${(headers[name] ?? '').trim()}`),
    '',
    names,
    content,
  ].join('\n');
  const digest = createHash('sha256').update(canonical).digest('hex');
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${secret}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', date, scope.join('/'), digest].join('\n')).toString('hex');
  return `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
}
