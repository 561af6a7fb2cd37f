import { ConfigError } from '../contracts/errors.ts';
import { openDialogue } from './dialogue.ts';

/**
 * Asks whether to continue; `--yes` answers in advance. Throws `ConfigError` if there is neither that nor a terminal.
 */
export function agreement(yes = false): () => Promise<boolean> {
  return async () => {
    if (yes) return true;
    const dialogue = openDialogue();
    if (dialogue === undefined) throw new ConfigError('nothing was changed; pass --yes to confirm');
    try {
      return /^y(?:es)?$/i.test((await dialogue.ask('Continue? y/n', 'n')).trim());
    } finally {
      dialogue.close();
    }
  };
}
