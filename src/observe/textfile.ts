import { randomUUID } from 'node:crypto';
import { chmod, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { finalDiskError } from '../io/disk.ts';
import { continued, type Families, isOurs, labelText, parse, render, since, valuesOf } from './exposition.ts';
import type { Seed } from './readings.ts';
import { METRICS, prometheusName } from './table.ts';

export interface Textfile {
  readonly seed: Seed;
  /** Replaces the file atomically, so that no scrape sees half of it. Throws `ConfigError` or `UnavailableError`. */
  write(text: string): Promise<void>;
}

const MOMENTS = ['lastSuccess', 'latestEvent'] as const;
type Moment = (typeof MOMENTS)[number];

/** Our own files are about a hundredth of this. */
const LARGEST = 4 * 2 ** 20;

/**
 * The file for the textfile collector. A process that lives for a minute would count from 0 each time, which makes
 * rates useless, so counters continue from the values in the file. If the file cannot be read they start again at 0, as
 * Prometheus expects of a counter.
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
      // Read the file again: a run that met this one may have written its exit code meanwhile, or the other way around.
      const there = parse(await textOf(path));
      const sum = continued(since(now, said), there, prefix);
      for (const moment of MOMENTS) keepLatest(sum, there, prometheusName(METRICS[moment]), prefix);
      await replace(path, render(sum));
      said = now;
    },
  };
}

/** Never replaces a newer time with an older one. */
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
  // The collector reads every *.prom in the folder, so the draft has another extension.
  const draft = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    await writeFile(draft, text, { flag: 'wx' });
    // The collector runs as another user, who must be able to read it whatever our umask is.
    await chmod(draft, 0o644);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw finalDiskError(error, `write ${path}`);
  }
}
