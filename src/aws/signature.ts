import { createHmac, hash } from 'node:crypto';

/** A request in the form that Signature Version 4 needs. Header names are in lower case. */
interface Signable {
  readonly method: string;
  /** Encoded as it is sent: S3 neither encodes it again nor resolves `..` or `//` in it. */
  readonly path: string;
  /** Canonical: sorted and encoded. */
  readonly query: string;
  /** Including `x-amz-date` and `x-amz-content-sha256`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The names of the headers that are signed. */
  readonly signed: readonly string[];
}

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Returns the `Authorization` header of a request. */
export type Sign = (request: Signable, keys: Keys) => string;

/**
 * Signs requests for S3 in one region. The SDK's signer creates four more objects of Node's crypto for each, a
 * dozen promises and 16 kB of garbage: a tenth of what it costs to carry a small object through the program. Here,
 * the key for a day is derived once.
 */
export function createSign(region: string): Sign {
  let known: { readonly secret: string; readonly day: string; readonly key: Buffer } | undefined;
  const keyOf = (secret: string, day: string): Buffer => {
    if (known?.secret !== secret || known.day !== day) {
      const key = [day, region, 's3', 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${secret}`);
      known = { secret, day, key: Buffer.from(key) };
    }
    return known.key;
  };
  return ({ method, path, query, headers, signed }, { accessKeyId, secretAccessKey }) => {
    const { 'x-amz-date': date = '', 'x-amz-content-sha256': content = '' } = headers;
    const names = [...signed].sort();
    let lines = '';
    for (const name of names) lines += `${name}:${inOneLine(headers[name] ?? '')}\n`;
    const list = names.join(';');
    const canonical = `${method}\n${path}\n${query}\n${lines}\n${list}\n${content}`;
    const day = date.slice(0, 8);
    const scope = `${day}/${region}/s3/aws4_request`;
    const toSign = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash('sha256', canonical, 'hex')}`;
    const signature = hmac(keyOf(secretAccessKey, day), toSign).toString('hex');
    return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${list}, Signature=${signature}`;
  };
}

/** A time in AWS's format: `20261127T152544Z`. */
export function amzDate(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function inOneLine(value: string): string {
  return /^\s|\s\s|[\t\r\n]|\s$/.test(value) ? value.replace(/\s+/g, ' ').trim() : value;
}
