import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { ConfigError } from '../contracts/errors.ts';

export interface Dialogue {
  /** `standard` is what an empty answer means. Rejects with a `ConfigError` when the person goes away instead. */
  readonly ask: (question: string, standard?: string) => Promise<string>;
  /** As `ask`, and what is typed is not shown. */
  readonly secret: (question: string) => Promise<string>;
  readonly close: () => void;
}

/** Somebody to ask; undefined where input or output is no terminal. Questions go to standard error: results are on standard output. */
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
    // Where the lines of a question break: what is typed follows it then.
    { columns: process.stderr.columns },
  );
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  // Ctrl-C and the end of input close it, and a question would wait for ever.
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
