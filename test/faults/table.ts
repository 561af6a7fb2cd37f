import { read } from '../markdown.ts';

/** One row of docs/faults.md. */
export interface Row {
  readonly broken: string;
  /** What `run` says, with … for parts that vary. */
  readonly run: readonly string[];
  readonly code: number;
  /** It ends after it has waited long enough, not immediately. */
  readonly waits: boolean;
  /** A run with nothing to deliver says it too. */
  readonly idle: boolean;
  /** What `check` says; empty if it does not check this. */
  readonly check: readonly string[];
}

export const ROWS: readonly Row[] = read('docs/faults.md')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| broken '))
  .map((line) => {
    const [, broken = '', run = '', code, ends, shows, check = ''] = line
      .split('|')
      .map((cell) => cell.trim());
    const said = quoted(run);
    return {
      broken,
      run: said,
      code: Number(code),
      waits: ends === 'after `retry.max_elapsed`',
      idle: shows === 'always',
      check: check === 'the same' ? said : quoted(check),
    };
  });

/** The quoted sentences of a cell. A sentence that itself contains backquotes is between two. */
function quoted(cell: string): string[] {
  return [...cell.matchAll(/(`+)(.+?)\1(?!`)/g)].map(([, , sentence = '']) => sentence.trim());
}

/** Whether a line of the text contains the sentence, where … matches anything. */
export function says(text: string, sentence: string): boolean {
  const words = sentence.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(words.join('.*')).test(text);
}
