import { EXIT } from '../account/exit.ts';
import type { Ledger } from '../account/ledger.ts';
import type { CountingMeter } from '../account/meter.ts';
import type { Tally } from '../account/tally.ts';
import type { Config } from '../config/schema.ts';
import { messageOf } from '../contracts/errors.ts';
import type { Log } from '../contracts/types.ts';
import { spoken } from '../redaction/spoken.ts';
import type { Metrics } from './metrics.ts';
import { wantsOtlp } from './otel-env.ts';
import type { Ping } from './ping.ts';

/** Watches a run from outside. */
export interface Observer {
  /** A pass begins; its tally changes as the pass goes on. */
  readonly begins: (tally: Tally) => void;
  /** A pass ended with this ledger. */
  readonly ended: (ledger: Ledger) => void;
}

export interface Observed {
  readonly config: Pick<Config, 'metrics' | 'ping'>;
  readonly command: Ledger['command'];
  readonly source: string;
  readonly sink: string;
  readonly meter: CountingMeter;
  readonly log: Log;
  readonly env?: NodeJS.ProcessEnv;
}

/** How long the end of a run waits for metrics and ping. */
const PATIENCE_MS = 4_400;

/**
 * Runs `work`, the body of a run, while reporting to the configured metrics and ping. Any problem with them is only a
 * warning: they never change the result of `work`, nor delay its end by more than five seconds. Only `run` is a
 * scheduled job; other commands report only to OpenTelemetry.
 */
export async function observed(
  run: Observed,
  work: (observer: Observer) => Promise<number>,
): Promise<number> {
  const { log } = run;
  const ping = await orNone(() => openedPing(run), 'ping: no pings are sent', log);
  const metrics = await orNone(() => openedMetrics(run), 'metrics: the run continues without them', log);
  let code: number = EXIT.bug;
  let last: number | undefined;
  try {
    code = await work({
      begins(tally) {
        // Only now is it certain that no other run is active: reported earlier, this would look like a new start of
        // that run.
        if (last === undefined) ping?.begins();
        else ping?.alive(last);
        metrics?.begins(tally);
      },
      ended(ledger) {
        last = ledger.exit_code;
        metrics?.ended(ledger);
      },
    });
    return code;
  } finally {
    await within(PATIENCE_MS, Promise.all([metrics?.close(), ping?.ended(code)]), log);
  }
}

/** Loaded only if needed: a short run should not pay for it. */
async function openedPing({ config, command, log }: Observed): Promise<Ping | undefined> {
  if (command !== 'run' || config.ping === undefined) return undefined;
  const { createPing } = await import('./ping.ts');
  return createPing(config.ping, log);
}

async function openedMetrics(run: Observed): Promise<Metrics | undefined> {
  const { config, command, source, sink, meter, log, env = process.env } = run;
  const { feed, ...given } = config.metrics;
  const options = command === 'run' ? given : {};
  const otlp = wantsOtlp(env);
  if (options.textfile === undefined && options.listen === undefined && !otlp) return undefined;
  const { openMetrics } = await import('./metrics.ts');
  const labels = {
    command,
    source: spoken(source),
    sink: spoken(sink),
    ...(feed !== undefined && { feed }),
  };
  return openMetrics({ options, env: otlp ? env : undefined, labels, meter, log });
}

async function orNone<T>(
  open: () => Promise<T | undefined>,
  sentence: string,
  log: Log,
): Promise<T | undefined> {
  try {
    return await open();
  } catch (error) {
    log.warn({ reason: messageOf(error) }, sentence);
    return undefined;
  }
}

async function within(ms: number, work: Promise<unknown>, log: Log): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<'over'>((resolve) => {
    timer = setTimeout(() => resolve('over'), ms);
  });
  try {
    if ((await Promise.race([work, over])) === 'over')
      log.warn({ waited_ms: ms }, 'metrics or ping took too long at the end of the run and were given up');
  } catch (error) {
    log.warn({ reason: messageOf(error) }, 'metrics or ping failed at the end of the run');
  } finally {
    clearTimeout(timer);
  }
}
