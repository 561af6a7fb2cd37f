import { readFileSync } from 'node:fs';
import type { Severity } from '../../src/detections/severity.ts';

/** What the documents of a kind must say, according to a source. */
export interface KindOracle {
  readonly action: 'blocked' | 'allowed' | 'absent';
  readonly source: string;
  readonly words: string;
  readonly severity: Severity;
  readonly floor?: Severity;
  readonly model: string;
  readonly activity?: string;
  readonly techniques: readonly string[];
  readonly may_add?: readonly string[];
  readonly lacks: readonly string[];
}

interface Ground {
  readonly when: string;
  readonly source: string;
  readonly words: string;
}

export const ORACLE = JSON.parse(readFileSync(new URL('./kinds.json', import.meta.url), 'utf8')) as {
  readonly sources: Readonly<Record<string, string>>;
  readonly grounds: Readonly<Record<'blocked' | 'allowed', readonly Ground[]>>;
  readonly lacks: Readonly<Record<string, string>>;
  readonly kinds: Readonly<Record<string, KindOracle>>;
};
