import type { JsonObject } from '../../../src/contracts/types.ts';
import { payloadOf } from '../../detections/harness.ts';

export type Random = () => number;

/** Objects of one kind in any size; the same size and seed give the same object. */
export interface Family {
  readonly name: string;
  /** Ten times the size is at most ten times the work. */
  readonly make: (size: number, random: Random) => Buffer;
  /** The size that is compared with ten times itself. */
  readonly medium: number;
}

export const pick = <T>(random: Random, list: readonly T[]): T =>
  list[Math.floor(random() * list.length)] as T;

export const upTo = (random: Random, limit: number): number => Math.floor(random() * limit);

/** Makes `size` things one by one. */
export const times = <T>(size: number, make: (nth: number) => T): T[] =>
  Array.from({ length: size }, (_, nth) => make(nth));

/** A detection that differs from all others in its object. */
export const detectionOf = (nth: number, over: JsonObject = {}): JsonObject =>
  payloadOf('Reverse-Shell', { run_id: String(nth), ...over });

export const lines = (payloads: readonly unknown[]): Buffer =>
  Buffer.from(payloads.map((payload) => `${JSON.stringify(payload)}\n`).join(''));

/** A detection with one member inserted as it is, whether or not it is valid JSON. */
export const withRaw = (nth: number, member: string): string =>
  `${JSON.stringify(detectionOf(nth)).slice(0, -1)},${member}}\n`;
