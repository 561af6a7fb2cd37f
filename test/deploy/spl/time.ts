const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Parses `now`, `-7d@d`, `-70m@m` or epoch seconds into epoch seconds, in UTC. */
export function timeOf(modifier: string, now: number): number {
  if (modifier === 'now') return now;
  if (/^\d+(\.\d+)?$/.test(modifier)) return Number(modifier);
  const parts = /^(?:-(\d+)([smhd]))?(?:@([smhd]))?$/.exec(modifier);
  if (parts === null || modifier === '') throw new Error(`not a time: ${modifier}`);
  const [, count = '0', unit = 's', snap] = parts;
  const moved = now - Number(count) * (SECONDS[unit] ?? 0);
  return snap === undefined ? moved : snapTo(moved, SECONDS[snap] ?? 1);
}

export function spanOf(span: string): number {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(span) ?? [];
  const seconds = SECONDS[unit];
  if (seconds === undefined) throw new Error(`not a span: ${span}`);
  return Number(count) * seconds;
}

export function snapTo(seconds: number, span: number): number {
  return Math.floor(seconds / span) * span;
}

export function formatTime(seconds: number, format: string): string {
  const iso = new Date(seconds * 1_000).toISOString();
  return format.replaceAll(/%(\w)/g, (_, letter: string) => {
    if (letter === 'F') return iso.slice(0, 10);
    if (letter === 'T') return iso.slice(11, 19);
    throw new Error(`unknown %${letter} in ${format}`);
  });
}
