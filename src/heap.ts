import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Of the young generation, both halves. Half of it costs 7 % more processor time in collections, twice of it saves nothing. */
const YOUNG_BYTES = 8 * 2 ** 20;
/** While modules are loaded it doubles every hundred milliseconds. */
const LOOK_MS = 5;

/**
 * Called before all else: keeps the program inside 256 MiB. What is alive is a few tens of MiB
 * whatever the input, but V8 lets garbage grow to several times that where the machine has the memory. This lets the old
 * generation grow to twice what is alive, and the young one to `YOUNG_BYTES` and no further.
 * A limit (`--max-old-space-size`) would instead end the process, and can only be set from outside, as a size of the
 * young generation can.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=100');
  const watch = setInterval(() => {
    const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
    if (young !== undefined && young.space_size < YOUNG_BYTES) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    clearInterval(watch);
  }, LOOK_MS);
  watch.unref();
}
