/**
 * The benchmark: prints figures and asserts nothing. `npm run bench` runs all of it, `npm run bench -- map folder …`
 * some of it. NULL_SERVER_URL, S3_ENDPOINT, SQS_ENDPOINT and ELASTICSEARCH_URL name the servers; benchmarks whose
 * server is not set are skipped.
 */
import { cpus } from 'node:os';
import { benchElasticsearch } from './elasticsearch.ts';
import { benchFolder } from './folder.ts';
import { benchLarge } from './large.ts';
import { benchMap } from './map.ts';
import { benchNothingNew } from './nothing-new.ts';
import { benchReceive, hasWrk } from './receive.ts';
import { benchRedaction } from './redaction.ts';
import { benchRequests } from './requests.ts';
import { benchS3 } from './s3.ts';
import { benchSmall } from './small.ts';
import { benchSqs } from './sqs.ts';
import { benchStart } from './start.ts';

const {
  NULL_SERVER_URL: nullServer,
  S3_ENDPOINT: s3,
  SQS_ENDPOINT: sqs,
  ELASTICSEARCH_URL: elasticsearch,
} = process.env;

const PARTS: Readonly<Record<string, string | (() => void | Promise<void>)>> = {
  start: () => benchStart(),
  'nothing-new':
    s3 === undefined || nullServer === undefined
      ? 'S3_ENDPOINT and NULL_SERVER_URL'
      : () => benchNothingNew(s3, nullServer),
  map: () => benchMap(),
  redaction: () => benchRedaction(),
  receive: hasWrk() ? () => benchReceive() : 'PATH to where wrk is (a Debian package)',
  folder: nullServer === undefined ? 'NULL_SERVER_URL' : () => benchFolder(nullServer),
  large: nullServer === undefined ? 'NULL_SERVER_URL' : () => benchLarge(nullServer),
  s3: s3 === undefined ? 'S3_ENDPOINT' : () => benchS3(s3),
  requests: s3 === undefined ? 'S3_ENDPOINT' : () => benchRequests(s3),
  small:
    s3 === undefined || nullServer === undefined
      ? 'S3_ENDPOINT and NULL_SERVER_URL'
      : () => benchSmall(s3, nullServer),
  sqs: s3 === undefined || sqs === undefined ? 'S3_ENDPOINT and SQS_ENDPOINT' : () => benchSqs(s3, sqs),
  elasticsearch:
    s3 === undefined || elasticsearch === undefined
      ? 'S3_ENDPOINT and ELASTICSEARCH_URL'
      : () => benchElasticsearch(s3, elasticsearch),
};

const wanted = process.argv.slice(2);
console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`);
for (const [name, part] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  if (typeof part === 'string') console.log(`${name}: left out, set ${part}`);
  else await part();
}
