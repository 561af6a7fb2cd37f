import { readFileSync } from 'node:fs';
import { packageFile } from '../contracts/package.ts';

interface Attack {
  readonly version: string;
  readonly names: Readonly<Record<string, string>>;
}

let attack: Attack | undefined;

function read(): Attack {
  const file = packageFile('facts/attack.json');
  attack ??= JSON.parse(readFileSync(file, 'utf8')) as Attack;
  return attack;
}

/** The name of a tactic or technique by its id, e.g. `T1059.004`; undefined if ATT&CK does not have it. */
export function attackName(id: string): string | undefined {
  const { names } = read();
  return Object.hasOwn(names, id) ? names[id] : undefined;
}

/** The ATT&CK version that the names are from. */
export function attackVersion(): string {
  return read().version;
}
