import { SingleBar } from 'cli-progress';
import type { CountingMeter } from '../../account/meter.ts';
import type { Opened } from '../../pipeline/run.ts';
import { progressLine } from './progress-line.ts';

/** Where to draw the bar. */
export interface Drawing {
  readonly stream: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: NodeJS.ProcessEnv;
}

const COLUMNS = 80;
const SAVE_CURSOR = '\u001b7';
const RESTORE_CURSOR = '\u001b8';

/**
 * A line on the terminal's stderr that is redrawn in place. Does nothing on other outputs, where the logs report
 * progress.
 */
export function showProgress(
  meter: CountingMeter,
  { stream, env }: Drawing = { stream: process.stderr, env: process.env },
): Opened {
  if (stream.isTTY !== true || env['TERM'] === 'dumb') return {};
  const started = Date.now();
  let detections = 0;
  let ended = false;
  const line = (): string => {
    const figures = { counts: meter.counts, detections, elapsedMs: Date.now() - started, ended };
    // The last column stays free: terminals differ in what they do after it.
    return progressLine(figures, (stream.columns ?? COLUMNS) - 1);
  };
  const bar = new SingleBar({
    format: line,
    stream: staying(stream),
    hideCursor: true,
    forceRedraw: true,
    linewrap: true,
  });
  bar.start(1, 0);
  return {
    acked: ({ documents }) => {
      detections += documents;
    },
    finish: () => {
      ended = true;
      bar.stop();
    },
  };
}

/**
 * The stream without saving and restoring the cursor: log lines arrive in between, and later output would overwrite
 * them.
 */
function staying(stream: Drawing['stream']): NodeJS.WritableStream {
  return Object.create(stream, {
    write: { value: (text: string) => text === SAVE_CURSOR || text === RESTORE_CURSOR || stream.write(text) },
  }) as NodeJS.WritableStream;
}
