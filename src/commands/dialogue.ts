import { createInterface } from 'node:readline/promises';
import { ConfigError } from '../contracts/errors.ts';

export interface Dialogue {
  /** `standard` is what an empty answer means. Rejects with a `ConfigError` when the person goes away instead. */
  readonly ask: (question: string, standard?: string) => Promise<string>;
  readonly close: () => void;
}

/** Somebody to ask; undefined where input or output is no terminal. Questions go to standard error: results are on standard output. */
export function openDialogue(): Dialogue | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C and the end of input close it, and a question would wait for ever.
  const closed = new AbortController();
  lines.once('close', () => closed.abort());
  return {
    ask: async (question, standard) => {
      const asked = `${question}${standard === undefined ? '' : ` [${standard}]`}: `;
      try {
        return (await lines.question(asked, { signal: closed.signal })) || (standard ?? '');
      } catch (error) {
        if (closed.signal.aborted) throw new ConfigError('no answer: nothing was changed', { cause: error });
        throw error;
      }
    },
    close: () => lines.close(),
  };
}
