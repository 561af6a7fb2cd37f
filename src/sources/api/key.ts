import { readFile } from 'node:fs/promises';
import { ConfigError } from '../../errors.ts';
import type { ApiOptions } from './options.ts';

/** The API key, kept out of logs and errors. */
export interface ApiKey {
  get(): Promise<string>;
  /** True when the file now holds another key than `refused`; `get` gives that one from then on. */
  renew(refused: string): Promise<boolean>;
}

export function createKey(options: ApiOptions): ApiKey {
  let current: string | undefined;
  const load = async () => clean(options.api_key ?? (await fromFile(options.api_key_file ?? '')));
  return {
    async get() {
      current ??= await load();
      return current;
    },
    async renew(refused) {
      // Several requests may be refused at once; the first to come has renewed it for all.
      if (current !== refused) return true;
      current = await load();
      return current !== refused;
    },
  };
}

async function fromFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`api_key_file: ${path} cannot be read`, { cause: error });
  }
}

/** The console shows the key in both spellings. */
function clean(key: string): string {
  const bare = key.trim().replace(/^Bearer\s+/i, '');
  if (!/^[\x21-\x7e]+$/.test(bare)) throw new ConfigError('api_key: is empty or holds blanks');
  return bare;
}
