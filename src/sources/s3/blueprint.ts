import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Bucket } from './bucket.ts';

export type S3Request = Parameters<NodeHttpHandler['handle']>[0];

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
const SIGNED_FOR_S3 = /^AWS4-HMAC-SHA256 Credential=[^,]*\/\d{8}\/([^/,]+)\/s3\/aws4_request,/;

/**
 * Asks the SDK what it would send, without sending it: endpoint, addressing style, headers and signature are its work,
 * and all but the key holds for every object. Undefined for a bucket whose requests are signed in another way, and where
 * the same request, signed again here, does not come out the same. Throws what the SDK throws, as without credentials.
 */
export async function readBlueprint(bucket: Bucket): Promise<Blueprint | undefined> {
  const { config } = bucket.client;
  const made = await requestOf(bucket);
  const [, signingRegion] = SIGNED_FOR_S3.exec(made?.headers['authorization'] ?? '') ?? [];
  if (made === undefined || signingRegion === undefined || !made.path.endsWith(`/${ANY_KEY}`))
    return undefined;
  const signer = await config.signer({ name: 'sigv4', signingName: 's3', signingRegion, properties: {} });
  const again = await signer.sign(made, { signingDate: dateOf(made.headers['x-amz-date'] ?? '') });
  if (again.headers['authorization'] !== made.headers['authorization']) return undefined;

  const { method, protocol, hostname, port, query } = made;
  const folder = made.path.slice(0, -ANY_KEY.length);
  const common = Object.fromEntries(
    Object.entries(made.headers).filter(([name]) => !OF_ONE_REQUEST.test(name)),
  );
  return {
    async request(key, headers) {
      const path = folder + encodeKey(key);
      const request = { method, protocol, hostname, path, query, headers: { ...common, ...headers } };
      // The SDK corrects the clock by the replies it gets.
      const signingDate = new Date(Date.now() + config.systemClockOffset);
      return (await signer.sign(port === undefined ? request : { ...request, port }, {
        signingDate,
      })) as S3Request;
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

/** As the SDK does: S3 signs the path as it is sent, without taking `..` or `//` out of it. */
function encodeKey(key: string): string {
  return encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function dateOf(amzDate: string): Date {
  return new Date(amzDate.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)/, '$1-$2-$3:$4:'));
}
