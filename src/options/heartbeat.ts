import * as z from 'zod';

export const heartbeat = z
  .boolean()
  .default(true)
  .describe(
    'After each pass, store its numbers in the destination, separate from the detections: `metrics-stepsecurity.feed-<namespace>` in Elasticsearch, source type `stepsecurity:feed` in Splunk.',
  );
