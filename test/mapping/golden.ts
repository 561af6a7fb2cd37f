import { readdirSync, readFileSync } from 'node:fs';
import type { JsonObject } from '../../src/contracts/types.ts';
import type { CimGolden } from './documents.ts';

interface Golden<T> {
  /** Of the sample it comes from. */
  readonly name: string;
  readonly documents: T;
}

/** The golden documents as they stand in the files. */
export function readGolden(schema: 'ecs'): Golden<readonly JsonObject[]>[];
export function readGolden(schema: 'cim'): Golden<CimGolden>[];
export function readGolden(schema: 'ecs' | 'cim'): Golden<unknown>[] {
  const folder = new URL(`../golden/${schema}/`, import.meta.url);
  return readdirSync(folder)
    .sort()
    .map((file) => ({
      name: file.replace(/\.json$/, ''),
      documents: JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as unknown,
    }));
}
