import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { NodeHttpHandler } from '@smithy/node-http-handler';
import { amzDate, createSign } from '../../aws/signature.ts';
import type { Bucket } from './bucket.ts';

export type S3Request = Omit<Parameters<NodeHttpHandler['handle']>[0], 'clone'>;

/** The GET that the SDK makes of any object of a bucket. */
export interface Blueprint {
  /** A request for one object, with these headers beside those of every GET, signed with the credentials of now. */
  request(key: string, headers: Readonly<Record<string, string>>): Promise<S3Request>;
}

/** Stands for all keys: what is before it in the path is the same for each. */
const ANY_KEY = 'any-key';
/** What belongs to one request, or is made by its signature. */
const OF_ONE_REQUEST = /^(?:amz-sdk-.*|authorization|x-amz-date|x-amz-security-token)$/i;
/** Signature version 4 for S3 itself: S3 Express and multi-region access points sign otherwise. */
const SIGNED_FOR_S3 =
  /^AWS4-HMAC-SHA256 Credential=[^,]*\/\d{8}\/([^/,]+)\/s3\/aws4_request, SignedHeaders=([^,]+),/;
/** In a path as they are. */
const PLAIN = /^[\w./~-]*$/;

/**
 * Asks the SDK what it would send, without sending it: endpoint, addressing style, headers and what of them is signed are
 * its work, and all but the key holds for every object. Undefined for a bucket whose requests are signed in another way,
 * and where our signature of the same request is not the SDK's. Throws what the SDK throws, as without credentials.
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
  const signedOfAll = [...signed.filter(isCommon), 'x-amz-date'];
  return {
    async request(key, own) {
      const keys = await config.credentials();
      // The SDK corrects the clock by the replies it gets.
      const date = amzDate(Date.now() + config.systemClockOffset);
      const headers: Record<string, string> = { ...common, ...own, 'x-amz-date': date };
      const alsoSigned = Object.keys(own);
      if (keys.sessionToken !== undefined) {
        headers['x-amz-security-token'] = keys.sessionToken;
        alsoSigned.push('x-amz-security-token');
      }
      const path = folder + encodeKey(key);
      headers['authorization'] = sign(
        { ...canonical, path, headers, signed: [...signedOfAll, ...alsoSigned] },
        keys,
      );
      return { method, protocol, hostname, ...(port !== undefined && { port }), path, query, headers };
    },
  };
}

/** What the SDK is about to send for a GET when it has signed it. */
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

/** As the SDK does: each part of the path, with its `..` and `//`. */
function encodeKey(key: string): string {
  return PLAIN.test(key) ? key : encode(key).replaceAll('%2F', '/');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
