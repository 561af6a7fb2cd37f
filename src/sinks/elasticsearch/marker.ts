import { ConfigError } from '../../contracts/errors.ts';
import { isObject } from '../../contracts/json.ts';

/** In the mappings of our index templates, and so of every index made from them: `_meta.managed_by`. */
const MARKER = 'stepsecurity-siem';

/** Whether an index, as `GET /<index>` shows it, was made from a template of ours. */
export function isMarked(index: unknown): boolean {
  const mappings = isObject(index) ? index.mappings : undefined;
  const meta = isObject(mappings) ? mappings._meta : undefined;
  return isObject(meta) && meta.managed_by === MARKER;
}

export const UNMARKED_FIX =
  'run setup, which installs it and lets the stream roll over; a template of your own in its place says "_meta": {"managed_by": "stepsecurity-siem"} in its mappings';

export function unmarked(stream: string): ConfigError {
  return new ConfigError(`${stream} was not made from the index template of this program: ${UNMARKED_FIX}`);
}
