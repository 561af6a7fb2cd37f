import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * As much of Splunk as the add-on's tests need: its `.conf` files, and the search expressions of eventtypes
 * (comparisons with wildcards, IN, NOT, AND, OR, parentheses; terms side by side mean AND).
 */

export const ADDON = 'deploy/splunk/TA-stepsecurity';

export function readAddon(name: string): string {
  return readFileSync(join(ADDON, name), 'utf8');
}

export function addonConf(name: string): Stanzas {
  return parseConf(readAddon(`default/${name}.conf`));
}

export type Stanzas = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Throws for a line that is neither a stanza, a setting, a comment nor blank, and for a stanza or setting given twice. */
function parseConf(text: string): Stanzas {
  const stanzas = new Map<string, Map<string, string>>();
  let current: Map<string, string> | undefined;
  for (const line of text.split('\n')) {
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

export type Event = Readonly<Record<string, unknown>>;
type Test = (event: Event) => boolean;

function wildcard(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  // Splunk compares values without regard to case.
  return new RegExp(`^${parts.join('.*')}$`, 'i');
}

/** Throws for what it does not know. */
export function compileSearch(search: string): Test {
  const tokens = search.match(/"[^"]*"|[(),=]|!=|[^\s(),="!]+/g) ?? [];
  let at = 0;
  const peek = (): string | undefined => tokens[at];
  const next = (): string => {
    const token = tokens[at++];
    if (token === undefined) throw new Error(`unfinished: ${search}`);
    return token;
  };
  const expect = (wanted: string): void => {
    const token = next();
    if (token !== wanted) throw new Error(`${wanted} expected, found ${token}: ${search}`);
  };
  const value = (): RegExp => wildcard(next().replace(/^"(.*)"$/, '$1'));

  function comparison(): Test {
    const field = next();
    const operator = next();
    const patterns: RegExp[] = [];
    if (operator === '=') patterns.push(value());
    else if (operator === 'IN') {
      expect('(');
      patterns.push(value());
      while (peek() === ',') {
        next();
        patterns.push(value());
      }
      expect(')');
    } else throw new Error(`unknown operator ${operator}: ${search}`);
    return (event) =>
      event[field] !== undefined && patterns.some((pattern) => pattern.test(String(event[field])));
  }

  function term(): Test {
    if (peek() === 'NOT') {
      next();
      const inner = term();
      return (event) => !inner(event);
    }
    if (peek() !== '(') return comparison();
    next();
    const inner = either();
    expect(')');
    return inner;
  }

  function all(): Test {
    const terms = [term()];
    while (peek() !== undefined && peek() !== ')' && peek() !== 'OR') {
      if (peek() === 'AND') next();
      terms.push(term());
    }
    return (event) => terms.every((test) => test(event));
  }

  function either(): Test {
    const sides = [all()];
    while (peek() === 'OR') {
      next();
      sides.push(all());
    }
    return (event) => sides.some((test) => test(event));
  }

  const test = either();
  if (peek() !== undefined) throw new Error(`left over: ${peek()}: ${search}`);
  return test;
}
