import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { finalDiskError } from '../io/disk.ts';
import { continued, labelText, parse, render, valuesOf } from './exposition.ts';
import type { Seed } from './readings.ts';
import { METRICS, prometheusName } from './table.ts';

export interface Textfile {
  readonly seed: Seed;
  /** Puts the file in its place at once, so that no scrape sees half of it. Throws `ConfigError` or `UnavailableError`. */
  write(text: string): Promise<void>;
}

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
  const valueOf = (metric: 'lastSuccess' | 'latestEvent'): number | undefined => {
    const { samples } = earlier.get(prometheusName(METRICS[metric])) ?? {};
    return samples === undefined ? undefined : [...samples].find(([key]) => key.includes(`{${prefix}`))?.[1];
  };
  return {
    seed: {
      lastSuccess: valueOf('lastSuccess'),
      latestEvent: valueOf('latestEvent'),
      kinds: valuesOf(earlier, prometheusName(METRICS.detections), 'kind'),
    },
    write: (text) => replace(path, render(continued(parse(text), earlier, prefix))),
  };
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
    // Another user, that of the collector, reads it.
    await writeFile(draft, text, { flag: 'wx', mode: 0o644 });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw finalDiskError(error, `write ${path}`);
  }
}
