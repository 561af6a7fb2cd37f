import { randomBytes } from 'node:crypto';
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { DEFAULT_RETRY } from '../../src/io/retry.ts';
import { listPage } from '../../src/sources/s3/bucket.ts';
import { parseTemplate } from '../../src/sources/s3/template.ts';
import { walk } from '../../src/sources/s3/walk.ts';
import { openCheckpoint } from '../../src/state/checkpoint.ts';
import { openStore, stateSchema } from '../../src/state/index.ts';
import { bucketOf, clientOf, fillSmall } from './bucket.ts';
import { alternate, report, timed } from './measure.ts';

const PART_BYTES = 32 * 1_024;
const PRINTS = { identity: 'i', source: 's', sink: 'k' };
const quiet = (): void => undefined;
const context = {
  log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  meter: { add: quiet },
  retry: DEFAULT_RETRY,
  abort: new AbortController().signal,
};

/** The requests to S3 that are not GETs, compared with the same ones by the bare SDK: listings, and saves of a checkpoint. */
export async function benchRequests(
  endpoint: string,
  objects = 5_000,
  saves = 200,
  rounds = 9,
): Promise<void> {
  const client = clientOf(endpoint);
  const bucket = await bucketOf(client);
  await fillSmall(client, bucket, objects);

  const ourList = async (): Promise<void> => {
    const from = { client, name: bucket, requestPayer: undefined, context };
    const template = parseTemplate('detections/');
    const getPage = (request: Parameters<typeof listPage>[1]) => listPage(from, request, context.abort);
    let count = 0;
    for await (const refs of walk(bucket, template, () => true, getPage)) count += refs.length;
    if (count !== objects) throw new Error(`${count} of ${objects} were listed`);
  };
  const sdkList = async (): Promise<void> => {
    let token: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: 'detections/',
          EncodingType: 'url',
          ContinuationToken: token,
        }),
      );
      token = page.NextContinuationToken;
    } while (token !== undefined);
  };
  const listing = await alternate(
    () => timed(ourList),
    () => timed(sdkList),
    rounds,
  );
  report('S3 listing', {
    'objects per second': objects / listing.seconds,
    "of the SDK's rate": listing.share,
  });

  const options = {
    type: 's3',
    bucket,
    prefix: 'state',
    endpoint,
    region: 'us-east-1',
    force_path_style: true,
  };
  const store = await openStore(stateSchema.parse(options), context);
  const checkpoint = await openCheckpoint(store, 'run', PRINTS, context.log);
  const ourSaves = async (): Promise<void> => {
    for (let at = 0; at < saves; at += 1)
      await checkpoint.save(new Map([['live', randomBytes(PART_BYTES)]]), { read: at }, { clean: false });
  };
  /** A part, the head if it is unchanged, and the part before goes. */
  const sdkSaves = async (): Promise<void> => {
    let tag: string | undefined;
    for (let at = 0; at < saves; at += 1) {
      const put = (Key: string, Body: Buffer, IfMatch?: string) =>
        client.send(new PutObjectCommand({ Bucket: bucket, Key, Body, IfMatch }));
      await put(`bare/parts/${at}`, randomBytes(PART_BYTES));
      tag = (await put('bare/head.json', Buffer.from(`{"at":${at}}`), tag)).ETag;
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: `bare/parts/${at - 1}` }));
    }
  };
  const saving = await alternate(
    () => timed(ourSaves),
    () => timed(sdkSaves),
    rounds,
  );
  report('saves of a checkpoint in S3', {
    milliseconds: (saving.seconds / saves) * 1_000,
    "of the SDK's rate": saving.share,
  });
  client.destroy();
}
