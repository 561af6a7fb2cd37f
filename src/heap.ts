import { setFlagsFromString } from 'node:v8';

/**
 * Called before all else: keeps the program inside 256 MiB. What is alive is a few tens of MiB
 * whatever the input, but V8 lets garbage grow to several times that where the machine has the memory. These two let
 * the old generation grow to twice what is alive and keep the young one small: records die with their batch, not young.
 * A limit (`--max-old-space-size`) would instead end the process, and can only be set from outside.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=100');
  setFlagsFromString('--semi-space-growth-factor=1');
}
