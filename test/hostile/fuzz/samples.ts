import { readdirSync, readFileSync } from 'node:fs';
import type { Json, JsonObject } from '../../../src/contracts/types.ts';
import { type Tree, treeOf } from './tree.ts';

const FOLDERS = [new URL('../../../samples/', import.meta.url), new URL('../inputs/', import.meta.url)];
/** Larger ones have tests of their own, and would dominate the run. */
const LARGEST = 5_000;

/** The detections of the samples and of the hostile inputs, without the members that groups add to each of theirs. */
export function readPayloads(): Tree[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('json'))
      .sort()
      .map((name) => readFileSync(new URL(name, folder), 'utf8'))
      .filter((text) => text.length <= LARGEST)
      .flatMap(valuesOf)
      .filter((value) => JSON.stringify(value).length <= LARGEST)
      .map(treeOf),
  );
}

function valuesOf(text: string): JsonObject[] {
  const whole = parsed(text);
  const values = whole === undefined ? text.split('\n').map(parsed) : [whole].flat();
  return values.flatMap((value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
    return Array.isArray(value.data) ? (value.data.filter(isObject) as JsonObject[]) : [value];
  });
}

const isObject = (value: Json): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
