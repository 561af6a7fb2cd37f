import { SingleBar } from 'cli-progress';
import type { CountingMeter } from '../../account/meter.ts';
import type { Opened } from '../../pipeline/run.ts';
import { progressLine } from './progress-line.ts';

/** Where a bar is drawn. */
export interface Drawing {
  readonly stream: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: NodeJS.ProcessEnv;
}

const COLUMNS = 80;
const SAVE_CURSOR = '\u001b7';
const RESTORE_CURSOR = '\u001b8';

/** A line on a terminal's stderr that is drawn again and again. Nothing where lines cannot be: logs say what happens there. */
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
    // The last column is left free: terminals differ in what they do after it.
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

/** The stream without save and restore of the cursor: log lines come meanwhile, and what follows would be written over them. */
function staying(stream: Drawing['stream']): NodeJS.WritableStream {
  return Object.create(stream, {
    write: { value: (text: string) => text === SAVE_CURSOR || text === RESTORE_CURSOR || stream.write(text) },
  }) as NodeJS.WritableStream;
}
