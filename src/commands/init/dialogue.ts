import { createInterface } from 'node:readline/promises';
import type { Ask } from './questions.ts';

export interface Dialogue {
  readonly ask: NonNullable<Ask>;
  readonly close: () => void;
}

/** Somebody to ask; undefined where input or output is no terminal. Questions go to standard error: results are on standard output. */
export function openDialogue(): Dialogue | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  return {
    ask: (question, standard) =>
      lines
        .question(`${question}${standard === undefined ? '' : ` [${standard}]`}: `)
        .then((answer) => answer || (standard ?? '')),
    close: () => lines.close(),
  };
}
