import { randomUUID } from 'node:crypto';
import { chmod, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { finalDiskError } from '../io/disk.ts';
import { continued, type Families, isOurs, labelText, parse, render, since, valuesOf } from './exposition.ts';
import type { Seed } from './readings.ts';
import { METRICS, prometheusName } from './table.ts';

export interface Textfile {
  readonly seed: Seed;
  /** Puts the file in its place at once, so that no scrape sees half of it. Throws `ConfigError` or `UnavailableError`. */
  write(text: string): Promise<void>;
}

const MOMENTS = ['lastSuccess', 'latestEvent'] as const;
type Moment = (typeof MOMENTS)[number];

/** A file of ours has a hundredth of it. */
const LARGEST = 4 * 2 ** 20;

/**
 * The file of the textfile collector. A process of a minute would count from 0 each time, which no rate could make sense of:
 * counters go on from what the file holds. What cannot be read is begun again, as Prometheus expects of a counter.
 */
export async function openTextfile(
  path: string,
  labels: Readonly<Record<string, string>>,
): Promise<Textfile> {
  const earlier = parse(await textOf(path));
  const prefix = labelText(labels);
  const valueOf = (metric: Moment): number | undefined => {
    const { samples } = earlier.get(prometheusName(METRICS[metric])) ?? {};
    return samples && [...samples].find(([key]) => isOurs(key, prefix))?.[1];
  };
  let said: Families = new Map();
  return {
    seed: {
      lastSuccess: valueOf('lastSuccess'),
      latestEvent: valueOf('latestEvent'),
      kinds: valuesOf(earlier, prometheusName(METRICS.detections), 'kind'),
    },
    async write(text) {
      const now = parse(text);
      // Read again: a run that met this one has written its exit code meanwhile, and the other way round.
      const there = parse(await textOf(path));
      const sum = continued(since(now, said), there, prefix);
      for (const moment of MOMENTS) keepLatest(sum, there, prometheusName(METRICS[moment]), prefix);
      await replace(path, render(sum));
      said = now;
    },
  };
}

/** An older moment never replaces a newer one. */
function keepLatest(sum: Families, there: Families, name: string, prefix: string): void {
  const family = sum.get(name) ?? there.get(name);
  if (family === undefined) return;
  const samples = new Map(family.samples);
  for (const [key, value] of there.get(name)?.samples ?? [])
    if (isOurs(key, prefix)) samples.set(key, Math.max(value, samples.get(key) ?? value));
  sum.set(name, { ...family, samples });
}

async function textOf(path: string): Promise<string> {
  try {
    const found = await stat(path);
    return found.isFile() && found.size <= LARGEST ? await readFile(path, 'utf8') : '';
  } catch {
    return '';
  }
}

async function replace(path: string, text: string): Promise<void> {
  // The collector reads every *.prom of the folder, so the draft has another ending.
  const draft = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    await writeFile(draft, text, { flag: 'wx' });
    // Another user, that of the collector, reads it, whatever our umask is.
    await chmod(draft, 0o644);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw finalDiskError(error, `write ${path}`);
  }
}
