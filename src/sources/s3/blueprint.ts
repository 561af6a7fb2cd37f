import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { NodeHttpHandler } from '@smithy/node-http-handler';
import type { GetRequest } from '../../aws/get.ts';
import { amzDate, createSign } from '../../aws/signature.ts';
import type { Bucket } from './bucket.ts';

type S3Request = Parameters<NodeHttpHandler['handle']>[0];

/** The GET that the SDK sends for any object of a bucket. */
export interface Blueprint {
  /**
   * A request for one object, with these headers in addition to those of every GET, signed with the current
   * credentials.
   */
  request(key: string, headers: Readonly<Record<string, string>>): Promise<GetRequest>;
}

/** Stands for any key: the path before it is the same for all. */
const ANY_KEY = 'any-key';
/** Headers of a single request, or created by its signature. */
const OF_ONE_REQUEST = /^(?:amz-sdk-.*|authorization|x-amz-date|x-amz-security-token)$/i;
/** Signature Version 4 for S3 itself: S3 Express and multi-region access points sign in other ways. */
const SIGNED_FOR_S3 =
  /^AWS4-HMAC-SHA256 Credential=[^,]*\/\d{8}\/([^/,]+)\/s3\/aws4_request, SignedHeaders=([^,]+),/;
/** Needs no encoding in a path. */
const PLAIN = /^[\w./~-]*$/;

/**
 * Asks the SDK what it would send, without sending it: endpoint, addressing style, headers and the choice of signed
 * headers come from it, and everything but the key applies to every object. Undefined for a bucket whose requests
 * are signed in another way, or if our signature of the same request differs from the SDK's. Throws what the SDK
 * throws, for example without credentials.
 */
export async function readBlueprint(bucket: Bucket): Promise<Blueprint | undefined> {
  const { config } = bucket.client;
  const made = await requestOf(bucket);
  const { authorization = '' } = made?.headers ?? {};
  const [, region, names = ''] = SIGNED_FOR_S3.exec(authorization) ?? [];
  if (made === undefined || region === undefined || !made.path.endsWith(`/${ANY_KEY}`)) return undefined;
  const { method, protocol, hostname, port, query } = made;
  const sign = createSign(region);
  const signed = names.split(';');
  const canonical = { method, query: canonicalQuery(query) };
  const ours = { ...canonical, path: made.path, headers: made.headers, signed };
  if (sign(ours, await config.credentials()) !== authorization) return undefined;

  const folder = made.path.slice(0, -ANY_KEY.length);
  const isCommon = (name: string): boolean => !OF_ONE_REQUEST.test(name);
  const common = Object.fromEntries(Object.entries(made.headers).filter(([name]) => isCommon(name)));
  const search = canonical.query === '' ? '' : `?${canonical.query}`;
  const signedOfAll = [...signed.filter(isCommon), 'x-amz-date'];
  /** By the names that a request adds. */
  const signedBy = new Map<string, readonly string[]>();
  const signedWith = (names: readonly string[]): readonly string[] => {
    const id = names.join();
    const all = signedBy.get(id) ?? [...signedOfAll, ...names];
    signedBy.set(id, all);
    return all;
  };
  return {
    async request(key, own) {
      const keys = await config.credentials();
      // The SDK corrects its clock from the replies.
      const date = amzDate(Date.now() + config.systemClockOffset);
      const headers: Record<string, string> = { ...common, ...own, 'x-amz-date': date };
      const alsoSigned = Object.keys(own);
      if (keys.sessionToken !== undefined) {
        headers['x-amz-security-token'] = keys.sessionToken;
        alsoSigned.push('x-amz-security-token');
      }
      const path = folder + encodeKey(key);
      headers['authorization'] = sign({ ...canonical, path, headers, signed: signedWith(alsoSigned) }, keys);
      return { protocol, hostname, port, path: path + search, headers };
    },
  };
}

/** The request that the SDK is about to send for a GET, once signed. */
async function requestOf({ client, name, requestPayer }: Bucket): Promise<S3Request | undefined> {
  const command = new GetObjectCommand({
    Bucket: name,
    Key: ANY_KEY,
    ...(requestPayer !== undefined && { RequestPayer: requestPayer }),
  });
  let made: S3Request | undefined;
  command.middlewareStack.add(
    () =>
      async ({ request }) => {
        made = request as S3Request;
        return { output: { $metadata: {} }, response: undefined };
      },
    { step: 'deserialize', name: 'readRequest', priority: 'high' },
  );
  await client.send(command);
  return made;
}

function canonicalQuery(query: S3Request['query']): string {
  return Object.entries(query)
    .map(([name, value]) => `${encode(name)}=${encode(String(value ?? ''))}`)
    .sort()
    .join('&');
}

/** Like the SDK: encodes each part of the path, keeping `..` and `//`. */
function encodeKey(key: string): string {
  return PLAIN.test(key) ? key : encode(key).replaceAll('%2F', '/');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
