import { join } from 'node:path';
import { bucketOf, clientOf, fillSmall } from './bucket.ts';
import { CLI, type Measured, median, ROOT, report, runMeasured, scratch } from './measure.ts';

const OBJECTS = 20_000;

/**
 * Small objects → the null server, by the real program, beside two programs that only get them: a loop over the SDK and one
 * that signs by hand. The three take turns; each share is of one round, whatever else the machine did in it.
 */
export async function benchSmall(endpoint: string, nullServer: string, rounds = 3): Promise<void> {
  const client = clientOf(endpoint);
  const bucket = await bucketOf(client);
  await fillSmall(client, bucket, OBJECTS);
  client.destroy();
  const script = (name: string) => join(ROOT, 'build/test/bench', name);
  const plain = (name: string) => runMeasured(script(name), [endpoint, bucket]);
  const ours = async (): Promise<Measured> => {
    const source = ['--s3', `s3://${bucket}/detections/`, '--endpoint', endpoint, '--region', 'us-east-1'];
    const sink = ['--elasticsearch', nullServer, '--state', scratch(), '--set', 'log.level=error'];
    const run = await runMeasured(CLI, ['backfill', ...source, ...sink]);
    const { delivered } = JSON.parse(run.last) as { delivered: number };
    if (delivered !== OBJECTS) throw new Error(`${delivered} of ${OBJECTS} were delivered`);
    return run;
  };
  const runs: { sdk: Measured; hand: Measured; own: Measured }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const sdk = await plain('get-by-sdk.js');
    const hand = await plain('get-by-hand.js');
    if (sdk.last !== hand.last) throw new Error(`${sdk.last} bytes by the SDK, ${hand.last} by hand`);
    runs.push({ sdk, hand, own: await ours() });
  }
  const of = (figure: (run: (typeof runs)[number]) => number): number => median(runs.map(figure));
  const name = `${OBJECTS.toLocaleString('en')} small S3 objects`;
  report(`${name}, a loop over the SDK`, {
    'CPU seconds': of(({ sdk }) => sdk.cpu),
    seconds: of(({ sdk }) => sdk.wall),
  });
  report(`${name}, signed by hand`, {
    'CPU seconds': of(({ hand }) => hand.cpu),
    seconds: of(({ hand }) => hand.wall),
    "of the SDK's CPU": of(({ sdk, hand }) => hand.cpu / sdk.cpu),
  });
  report(`${name} → null bulk server`, {
    'CPU seconds': of(({ own }) => own.cpu),
    seconds: of(({ own }) => own.wall),
    "of the SDK's CPU": of(({ sdk, own }) => own.cpu / sdk.cpu),
    'of the time by hand': of(({ hand, own }) => own.wall / hand.wall),
    'peak MiB': of(({ own }) => own.peakMiB),
  });
}
