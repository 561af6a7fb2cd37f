/** Rows of docs/faults.md that test/services/faults.test.ts tests with real servers. */
export const REAL = [
  'Elasticsearch: key or password wrong, expired or revoked',
  'Elasticsearch: key without the role of a run',
  'Elasticsearch: certificate of an authority that is not trusted',
  'Elasticsearch: `http://` where it speaks https',
  'Splunk: token wrong or disabled',
  'Bucket: access key unknown',
  'Bucket: secret key wrong',
  'Bucket: missing',
  'Bucket: prefix with nothing under it',
  'Queue: missing',
  'State in a bucket: missing',
] as const;
