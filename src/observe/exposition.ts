import { BUCKETS } from './table.ts';

/** The metrics of one name, in Prometheus' text format. */
interface Family {
  help: string;
  type: string;
  /** By name and labels as written. */
  readonly samples: Map<string, number>;
}

export type Families = Map<string, Family>;

/** Parses what `render` and the serializer write. Skips any other line. */
export function parse(text: string): Families {
  const families: Families = new Map();
  let current: Family | undefined;
  for (const line of text.split('\n')) {
    const [, word, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? [];
    if (word !== undefined) {
      current = families.get(name) ?? { help: '', type: '', samples: new Map() };
      families.set(name, current);
      current[word === 'HELP' ? 'help' : 'type'] = rest;
      continue;
    }
    const [, key, value] = /^([a-zA-Z_][^\s{]*(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
    if (key !== undefined && Number.isFinite(Number(value))) current?.samples.set(key, Number(value));
  }
  return families;
}

export function render(families: Families): string {
  return [...families]
    .filter(([, { samples }]) => samples.size > 0)
    .map(([name, { help, type, samples }]) => {
      const lines = [...samples].map(([key, value]) => `${key} ${value}\n`);
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
    })
    .join('');
}

/**
 * Adds what is counted now to what an earlier process counted: counters and histograms continue, gauges keep their
 * current value. Only earlier series with `labels` (as written) count: another source or sink is another feed.
 */
export function continued(now: Families, earlier: Families, labels: string): Families {
  const sum: Families = new Map(
    [...now].map(([name, family]) => [name, { ...family, samples: new Map(family.samples) }]),
  );
  for (const [name, { help, type, samples }] of earlier) {
    if (type !== 'counter' && type !== 'histogram') continue;
    const ours = [...samples].filter(([key]) => isOurs(key, labels));
    // Written by a version with other buckets: adding them up would be wrong.
    if (!ours.every(([key]) => isKnownBucket(key))) continue;
    const family = sum.get(name) ?? { help, type, samples: new Map<string, number>() };
    sum.set(name, family);
    for (const [key, value] of ours) family.samples.set(key, (family.samples.get(key) ?? 0) + value);
  }
  return sum;
}

/** Whether a series has these labels. One that also has a feed belongs to another configuration. */
export function isOurs(key: string, labels: string): boolean {
  const at = key.indexOf(`{${labels}`);
  return at !== -1 && !key.slice(at + 1 + labels.length).startsWith(',feed="');
}

/** The increase of counters and histograms since `said`; gauges keep their current value. */
export function since(now: Families, said: Families): Families {
  return new Map(
    [...now].map(([name, family]) => {
      if (family.type !== 'counter' && family.type !== 'histogram') return [name, family];
      const before = said.get(name)?.samples;
      const samples = [...family.samples].map(
        ([key, value]) => [key, value - (before?.get(key) ?? 0)] as const,
      );
      return [name, { ...family, samples: new Map(samples) }];
    }),
  );
}

function isKnownBucket(key: string): boolean {
  const [, bound] = /[{,]le="([^"]*)"\}$/.exec(key) ?? [];
  return bound === undefined || bound === '+Inf' || BUCKETS.includes(Number(bound));
}

/** All values of a label. */
export function valuesOf(families: Families, name: string, label: string): string[] {
  const value = new RegExp(`[{,]${label}="((?:[^"\\\\]|\\\\.)*)"`);
  const found = [...(families.get(name)?.samples.keys() ?? [])].map((key) => value.exec(key)?.[1]);
  const written = found.filter((one) => one !== undefined);
  return [...new Set(written)].map((one) => one.replace(/\\(.)/g, (_, char) => (char === 'n' ? '\n' : char)));
}

/** Labels in the text format. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  const escaped = (value: string): string =>
    value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',');
}
