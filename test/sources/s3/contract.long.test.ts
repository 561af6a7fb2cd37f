import { type S3Reader, type S3Way, s3ServerContract } from '../../contract/s3-server.ts';
import { FULL } from '../../full.ts';
import type { ScriptedS3 } from '../../scripted/s3.ts';
import { scriptedSqs } from '../../scripted/sqs.ts';
import { notification } from '../sqs/events.ts';
import { type RunOptions, s3Runs } from './harness.ts';

/** Long before the window in which objects are remembered one by one, so they are known by a passed key. */
const OLD = 30 * 86_400_000;

function readerOf(
  s3: ScriptedS3,
  isOurs: (key: string) => boolean,
  options: Record<string, unknown>,
  how: RunOptions & { forgets?: boolean } = {},
): Pick<S3Reader, 'run'> {
  const logged: string[] = [];
  const note = (fields: Record<string, unknown>): void => void logged.push(String(fields.object));
  const log = { debug() {}, info() {}, warn: note, error: note };
  const runs = s3Runs({ endpoint: s3.url, bucket: 'scripted', ...options }, { log, isOurs });
  return {
    async run() {
      if (how.forgets) runs.reset();
      logged.length = 0;
      const { records, error, counts } = await runs.run(how);
      return {
        texts: records.flatMap(({ text, fault }) => (fault === undefined ? [text] : [])),
        letters: records.flatMap(({ fault, origin }) => (fault === undefined ? [] : [origin.uri])),
        error,
        counts,
        logged: [...logged],
      };
    },
  };
}

const listing = (how: RunOptions & { forgets?: boolean } = {}): S3Way => ({
  lists: true,
  remembers: how.forgets !== true,
  open: async (s3, isOurs) => ({
    ...readerOf(s3, isOurs, { start: 'beginning' }, how),
    put: (key, body) => void s3.put(key, body, s3.now - OLD),
    close: async () => undefined,
  }),
});

const bySdk = (way: S3Way): S3Way => ({
  ...way,
  open(s3, isOurs) {
    s3.onlySdk = true;
    return way.open(s3, isOurs);
  },
});

s3ServerContract('a listing', listing());
if (FULL) {
  s3ServerContract('a listing by the SDK alone', bySdk(listing()));
  // They list and read with the same code.
  s3ServerContract('a backfill', listing({ backfill: {} }));
  // A verification reads like a backfill, and remembers nothing.
  s3ServerContract('a verification', listing({ backfill: {}, forgets: true }));
}
const queue: S3Way = {
  lists: false,
  remembers: true,
  async open(s3, isOurs) {
    const sqs = await scriptedSqs();
    const options = { queue_url: sqs.url, queue_wait: '1s', queue_visibility_timeout: '60s' };
    return {
      ...readerOf(s3, isOurs, options),
      put(key, body) {
        const { etag } = s3.put(key, body, s3.now - OLD);
        sqs.send(notification({ key, etag, size: Buffer.byteLength(body) }));
      },
      close: () => sqs.close(),
    };
  },
};
s3ServerContract('a queue', queue);
if (FULL) s3ServerContract('a queue, its objects by the SDK alone', bySdk(queue));
