import { ConfigError } from '../../contracts/errors.ts';
import type { Shard } from '../../contracts/source.ts';

/** `0/8` is the first of eight shares: the indices of a Kubernetes Indexed Job. */
export function parseShard(text: string): Shard {
  const match = /^(\d{1,6})\/(\d{1,6})$/.exec(text);
  const index = Number(match?.[1] ?? 0);
  const of = Number(match?.[2] ?? 0);
  if (index >= of) throw new ConfigError('--shard: expected I/N with I from 0 to N-1, e.g. 0/8');
  return { index, of };
}
