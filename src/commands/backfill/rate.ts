import { ConfigError } from '../../contracts/errors.ts';

/** Documents per second, from `500`, `500/s` or `2.5/s`. */
export function parseRate(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(?:\/s)?$/.exec(text);
  const rate = Number(match?.[1] ?? 0);
  if (rate <= 0) throw new ConfigError('--max-rate: expected documents per second such as 500/s');
  return rate;
}
