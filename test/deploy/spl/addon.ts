import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ADDON = 'deploy/splunk/TA-stepsecurity';

export function readAddon(name: string): string {
  return readFileSync(join(ADDON, name), 'utf8');
}

export function addonConf(name: string): Stanzas {
  return parseConf(readAddon(`default/${name}.conf`));
}

export type Stanzas = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * Reads a conf file. Throws for a line that is neither a stanza, a setting, a comment nor blank, and for a stanza or
 * setting that occurs twice. A line that ends in a backslash continues on the next.
 */
function parseConf(text: string): Stanzas {
  const stanzas = new Map<string, Map<string, string>>();
  let current: Map<string, string> | undefined;
  for (const line of text.replaceAll(/\\\n\s*/g, '').split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const stanza = /^\[(.*)\]$/.exec(line)?.[1];
    if (stanza !== undefined) {
      if (stanzas.has(stanza)) throw new Error(`stanza [${stanza}] twice`);
      current = new Map();
      stanzas.set(stanza, current);
      continue;
    }
    const at = line.indexOf('=');
    const key = line.slice(0, at).trim();
    if (at < 1 || current === undefined) throw new Error(`not a setting: ${line}`);
    if (current.has(key)) throw new Error(`setting ${key} twice`);
    current.set(key, line.slice(at + 1).trim());
  }
  return stanzas;
}

/** A lookup table of the add-on, row by row. */
export function addonLookup(transform: string): Readonly<Record<string, string>>[] {
  const file = addonConf('transforms').get(transform)?.get('filename');
  if (file === undefined) throw new Error(`no lookup ${transform}`);
  const [header = '', ...lines] = readAddon(`lookups/${file}`).trimEnd().split('\n');
  const columns = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? '']));
  });
}
