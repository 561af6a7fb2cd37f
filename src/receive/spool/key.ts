import { ConfigError } from '../../contracts/errors.ts';
import { dateAction } from '../../sources/s3/template.ts';

const ACTION = /\{\{.*?\}\}/g;

/**
 * What the keys of a moment begin with, below a prefix of the source: its variables are filled in, in UTC, so that the
 * source finds a key in the folder of its time. Throws `ConfigError` for a variable that says nothing about time.
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
