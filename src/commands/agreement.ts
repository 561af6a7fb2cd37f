import { ConfigError } from '../contracts/errors.ts';
import { openDialogue } from './dialogue.ts';

/** Asks whether to go on; `--yes` is the answer, too. Throws `ConfigError` when there is neither that nor a terminal. */
export function agreement(yes = false): () => Promise<boolean> {
  return async () => {
    if (yes) return true;
    const dialogue = openDialogue();
    if (dialogue === undefined) throw new ConfigError('nothing was changed; give --yes to do it');
    try {
      return /^y(?:es)?$/i.test((await dialogue.ask('Go on? y/n', 'n')).trim());
    } finally {
      dialogue.close();
    }
  };
}
