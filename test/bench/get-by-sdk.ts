/** A loop over the AWS SDK's GETs, 64 at a time: endpoint and bucket are its arguments. */
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { clientOf, getAll } from './bucket.ts';

const [endpoint = '', bucket = ''] = process.argv.slice(2);
const client = clientOf(endpoint);
const bytes = await getAll(client, bucket, async (Key) => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
  return (await Body?.transformToByteArray())?.length ?? 0;
});
client.destroy();
console.log(bytes);
