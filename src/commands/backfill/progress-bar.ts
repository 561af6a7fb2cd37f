import { Presets, SingleBar } from 'cli-progress';
import type { CountingMeter } from '../../account/meter.ts';
import type { Opened } from '../../pipeline/run.ts';

/**
 * A bar on a terminal's stderr: objects read of those listed so far, with detections, their rate, and the time left.
 * Nothing where stderr is no terminal: logs say what happens there.
 */
export function showProgress(meter: CountingMeter): Opened {
  if (!process.stderr.isTTY) return {};
  const bar = new SingleBar(
    {
      format: '{bar} {value}/{total} objects · {detections} detections · {rate}/s · ETA {eta_formatted}',
      stream: process.stderr,
      hideCursor: true,
      etaBuffer: 1_000,
    },
    Presets.shades_classic,
  );
  const started = Date.now();
  let detections = 0;
  const figures = () => ({
    detections,
    rate: Math.round((detections / Math.max(1, Date.now() - started)) * 1_000),
  });
  const draw = (): void => {
    bar.setTotal(meter.counts.get('objects_listed') ?? 0);
    bar.update(meter.counts.get('objects_read') ?? 0, figures());
  };
  bar.start(0, 0, figures());
  const timer = setInterval(draw, 200);
  return {
    acked: ({ documents }) => {
      detections += documents;
    },
    finish: () => {
      clearInterval(timer);
      draw();
      bar.stop();
    },
  };
}
