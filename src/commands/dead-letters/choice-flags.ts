import type { Argv } from 'yargs';
import type { DeadLetter } from '../../letters/letter.ts';

const STAGES = ['read', 'decode', 'write'] as const satisfies readonly DeadLetter['stage'][];

export interface ChoiceFlags {
  readonly ids?: readonly string[] | undefined;
  readonly kind?: readonly string[] | undefined;
  readonly stage?: readonly (typeof STAGES)[number][] | undefined;
  readonly reason?: readonly string[] | undefined;
  readonly origin?: readonly string[] | undefined;
  readonly 'older-than'?: string | undefined;
  readonly 'newer-than'?: string | undefined;
}

const group = 'Which letters (those that match all of these):';
const many = { type: 'string', array: true, nargs: 1, requiresArg: true, group } as const;
const one = { type: 'string', requiresArg: true, group } as const;

export function withChoiceFlags<T>(args: Argv<T>) {
  return args
    .option('kind', { ...many, describe: 'Of this kind, e.g. Reverse-Shell or "(undecodable)"' })
    .option('stage', { ...many, choices: STAGES, describe: 'Failed at this stage' })
    .option('reason', { ...many, describe: 'With this code, the first word of the reason' })
    .option('origin', { ...many, describe: 'Beginning of the URI, or a glob: "**/2026/01/*"' })
    .option('older-than', { ...one, describe: 'Written, or last failed, longer ago than this: 30d' })
    .option('newer-than', { ...one, describe: 'Written, or last failed, within this time: 2h' });
}
