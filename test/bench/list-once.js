/** What a run with nothing new cannot do without: the SDK is loaded and lists a bucket once. */
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';

const [, , endpoint, Bucket] = process.argv;
const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true });
await client.send(new ListObjectsV2Command({ Bucket }));
client.destroy();
