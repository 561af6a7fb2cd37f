import { ConfigError } from '../../contracts/errors.ts';
import { dateAction } from '../../sources/s3/template.ts';

const ACTION = /\{\{.*?\}\}/g;

/**
 * The beginning of keys stored at a given time, below a prefix of the source: its variables are filled in, in UTC,
 * so that the source finds a key in the folder for its time. Throws `ConfigError` for a variable that is not about
 * time.
 */
export function keyPrefix(template: string, now: Date): string {
  return template.replaceAll(ACTION, (action) => {
    const field = dateAction(action);
    if (field === undefined)
      throw new ConfigError(
        `source.prefixes: receive cannot fill in ${action}; expected Year, Month, Day and Hour only`,
      );
    const iso = now.toISOString();
    return { year: iso.slice(0, 4), month: iso.slice(5, 7), day: iso.slice(8, 10), hour: iso.slice(11, 13) }[
      field
    ];
  });
}
