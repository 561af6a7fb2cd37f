/** A number as people read it: 1,204. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

/** `1 detection`, `1,204 detections`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(count)} ${count === 1 ? noun : plural}`;
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** How long something took, in one unit: `no time`, `0.4 seconds`, `12 seconds`, `3 minutes`, `2 days`. */
export function lasting(seconds: number): string {
  for (const [unit, size] of UNITS) {
    // Switch units only at two of the larger: "1 hour" could mean 100 minutes.
    if (seconds >= 2 * size) return counted(Math.floor(seconds / size), unit);
  }
  if (seconds < 0.05) return 'no time';
  return counted(seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds), 'second');
}
