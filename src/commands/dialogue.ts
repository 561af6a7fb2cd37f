import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { ConfigError } from '../contracts/errors.ts';

export interface Dialogue {
  /** `standard` is the meaning of an empty answer. Rejects with a `ConfigError` if the person leaves instead. */
  readonly ask: (question: string, standard?: string) => Promise<string>;
  /** Like `ask`, but what is typed is not shown. */
  readonly secret: (question: string) => Promise<string>;
  readonly close: () => void;
}

/**
 * Asks a person; undefined if input or output is not a terminal. Questions go to standard error, because results are on
 * standard output.
 */
export function openDialogue(): Dialogue | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  let isHidden = false;
  const output = Object.assign(
    new Writable({
      write: (chunk: Buffer, _, done) => {
        if (!isHidden) process.stderr.write(chunk);
        done();
      },
    }),
    // Where the lines of a question wrap, so that the typed text follows it.
    { columns: process.stderr.columns },
  );
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  // Ctrl-C and the end of input close it; without this, a question would wait forever.
  const closed = new AbortController();
  lines.once('close', () => closed.abort());
  const answer = async (asked: string): Promise<string> => {
    try {
      return await lines.question(asked, { signal: closed.signal });
    } catch (error) {
      if (closed.signal.aborted) throw new ConfigError('no answer: stopped here', { cause: error });
      throw error;
    }
  };
  return {
    ask: async (question, standard) =>
      (await answer(`${question}${standard === undefined ? '' : ` [${standard}]`}: `)) || (standard ?? ''),
    async secret(question) {
      process.stderr.write(`${question}: `);
      isHidden = true;
      try {
        return await answer('');
      } finally {
        isHidden = false;
        process.stderr.write('\n');
      }
    },
    close: () => lines.close(),
  };
}
