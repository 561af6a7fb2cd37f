import type { Ledger } from '../account/ledger.ts';
import type { CountingMeter } from '../account/meter.ts';
import type { Tally } from '../account/tally.ts';
import type { MetricsOptions } from '../config/metrics.ts';
import { messageOf } from '../contracts/errors.ts';
import type { Log } from '../contracts/types.ts';
import { VERSION } from '../contracts/version.ts';
import { openEndpoint } from './endpoint.ts';
import { createInstruments } from './instruments.ts';
import { createOtlpReader } from './otlp.ts';
import { createReadings } from './readings.ts';
import { openTextfile } from './textfile.ts';

export interface MetricsSubject {
  readonly options: Pick<MetricsOptions, 'textfile' | 'listen'>;
  /** OpenTelemetry's variables, if they ask for metrics. */
  readonly env: NodeJS.ProcessEnv | undefined;
  /** Values of the labels that every metric has. */
  readonly labels: Readonly<Record<string, string>>;
  readonly meter: CountingMeter;
  readonly log: Log;
}

export interface Metrics {
  begins(tally: Tally): void;
  ended(ledger: Ledger): void;
  /** Writes and sends whatever is left. Never rejects. */
  close(): Promise<void>;
}

/** Opens the outputs that are asked for. Loaded, together with OpenTelemetry's libraries, only if there are any. */
export async function openMetrics(subject: MetricsSubject): Promise<Metrics> {
  const { options, env, labels, meter, log } = subject;
  const { textfile: path, listen } = options;

  const warn =
    (sentence: string) =>
    (error: unknown): undefined => {
      log.warn({ reason: messageOf(error) }, sentence);
    };
  const textfile = path === undefined ? undefined : await openTextfile(path, labels);
  const readings = createReadings(meter.counts, VERSION, textfile?.seed);
  const instruments = createInstruments({
    readings,
    version: VERSION,
    labels,
    otlp: env && (await createOtlpReader(env, log).catch(warn('no metrics are sent to OpenTelemetry'))),
  });
  meter.time(instruments.took);

  // Do not wait for it: looking up a name may take a while.
  const endpoint =
    listen === undefined
      ? undefined
      : openEndpoint(listen, instruments.text).then(
          (open) => {
            log.info({ address: open.address }, 'serving metrics');
            return open;
          },
          warn(`metrics.listen: cannot listen on ${listen}; the run continues without it`),
        );

  let written: Promise<void> = Promise.resolve();
  const write = async (): Promise<void> => {
    if (textfile !== undefined) await textfile.write(await instruments.text());
  };
  return {
    begins: readings.begins,
    ended(ledger) {
      readings.ended(ledger);
      written = written.then(write).catch(warn('metrics.textfile: the metrics could not be written'));
    },
    async close() {
      await Promise.all([
        written,
        endpoint?.then((open) => open?.close()),
        instruments.close().catch(warn('the last metrics could not be sent')),
      ]);
    },
  };
}
