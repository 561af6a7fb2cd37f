import { ConfigError } from '../../contracts/errors.ts';
import { isObject } from '../../contracts/json.ts';

/** In the mappings of our index templates, and therefore of every index made from them: `_meta.managed_by`. */
const MARKER = 'stepsecurity-siem';

/** Whether an index, as shown by `GET /<index>`, was made from one of our templates. */
export function isMarked(index: unknown): boolean {
  const mappings = isObject(index) ? index.mappings : undefined;
  const meta = isObject(mappings) ? mappings._meta : undefined;
  return isObject(meta) && meta.managed_by === MARKER;
}

export const UNMARKED_FIX =
  'run setup, which installs it and rolls the stream over; to use a template of your own instead, put "_meta": {"managed_by": "stepsecurity-siem"} into its mappings';

export function unmarked(stream: string): ConfigError {
  return new ConfigError(`${stream} was not made from this program's index template: ${UNMARKED_FIX}`);
}
