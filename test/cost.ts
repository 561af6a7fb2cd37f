/** How many times larger the longer input is. */
const LONGER = 8;
/** The most that may cost: linear work costs 8 times as much, quadratic work 64 times. */
const MOST = 24;
/** Below this the compiler or the garbage collector has more influence than the input. */
const NOISE_MS = 15;

/** Processor time of this process, which excludes other work on the machine. */
async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** The least of a few tries: a garbage collection, or another process on the core, affects one of them. */
export async function leastCpuMs(work: () => unknown, tries = 3): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let made = 0; made < tries; made += 1) least = Math.min(least, await cpuMs(work));
  return least;
}

/**
 * Whether an input of eight times the size costs more than its share. Compares processor time for both sizes in the
 * same process, never the clock: a busy machine slows both down alike.
 */
export async function isSteep(prepare: (size: number) => () => unknown, size: number): Promise<boolean> {
  const short = prepare(size);
  const long = prepare(LONGER * size);
  for (let tries = 0; tries < 3; tries += 1) {
    if ((await cpuMs(long)) < NOISE_MS + MOST * (await cpuMs(short))) return false;
  }
  return true;
}

const KIB = 1_024;
/** Linear work costs as much for a text as for its parts; quadratic work, as many times more as there are parts. */
const MOST_OF_PARTS = 6;

/**
 * Whether a text costs more in one piece than in pieces of 1 KiB. Both times the same characters are read, one right
 * after the other, so that neither the machine nor its load affects the ratio.
 */
export async function costsMoreThanItsParts(
  read: (text: string) => unknown,
  whole: string,
): Promise<boolean> {
  const parts = Array.from({ length: Math.ceil(whole.length / KIB) }, (_, at) =>
    whole.slice(at * KIB, (at + 1) * KIB),
  );
  const inParts = (): void => {
    for (const part of parts) read(part);
  };
  for (let tries = 0; tries < 3; tries += 1) {
    if ((await cpuMs(() => read(whole))) < NOISE_MS + MOST_OF_PARTS * (await cpuMs(inParts))) return false;
  }
  return true;
}

/** CPU milliseconds of some work in total, and of the longest stretch in which nothing else could run. */
export async function turnsOf<T>(
  work: () => Promise<T>,
): Promise<{ result: T; longest: number; all: number }> {
  const cpu = (): number => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  };
  const began = cpu();
  let last = began;
  let longest = 0;
  let ended = false;
  const look = (): void => {
    const now = cpu();
    longest = Math.max(longest, now - last);
    last = now;
    if (!ended) setImmediate(look);
  };
  setImmediate(look);
  const result = await work();
  ended = true;
  look();
  return { result, longest, all: cpu() - began };
}
