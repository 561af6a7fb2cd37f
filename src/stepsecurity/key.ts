import { ConfigError } from '../contracts/errors.ts';
import { readSecret, withoutLineEnd } from '../options/secret.ts';
import { rememberSecret } from '../text/own-secrets.ts';
import type { ApiConnection } from './options.ts';

/** The API key, kept out of logs and errors. */
export interface ApiKey {
  get(): Promise<string>;
  /** True when the file now holds another key than `refused`; `get` gives that one from then on. */
  renew(refused: string): Promise<boolean>;
}

export function createKey(options: Pick<ApiConnection, 'api_key' | 'api_key_file'>): ApiKey {
  let current: string | undefined;
  const load = async () => clean(options.api_key ?? readSecret('api_key_file', options.api_key_file ?? ''));
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

/** The console shows the key in both spellings. */
function clean(key: string): string {
  const bare = withoutLineEnd(key)
    .trim()
    .replace(/^Bearer\s+/i, '');
  if (!/^[\x21-\x7e]+$/.test(bare))
    throw new ConfigError('the API key is empty, or holds blanks or other characters that no key has');
  return rememberSecret(bare);
}
