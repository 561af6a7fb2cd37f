import { readdirSync, readFileSync } from 'node:fs';
import type { Schema } from '../../src/contracts/schema.ts';
import type { GOLDEN } from './documents.ts';

interface Golden<T> {
  /** The name of the sample it comes from. */
  readonly name: string;
  readonly documents: T;
}

/** The golden documents from the files. */
export function readGolden<Name extends Schema>(schema: Name): Golden<ReturnType<(typeof GOLDEN)[Name]>>[] {
  const folder = new URL(`../golden/${schema}/`, import.meta.url);
  return readdirSync(folder)
    .sort()
    .map((file) => ({
      name: file.replace(/\.json$/, ''),
      documents: JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as ReturnType<(typeof GOLDEN)[Name]>,
    }));
}
