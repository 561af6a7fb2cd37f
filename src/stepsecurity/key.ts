import { ConfigError } from '../contracts/errors.ts';
import { readSecret, withoutLineEnd } from '../options/secret.ts';
import { rememberSecret } from '../text/own-secrets.ts';
import type { ApiConnection } from './options.ts';

/** The API key, kept out of logs and errors. */
export interface ApiKey {
  get(): Promise<string>;
  /** True if the file now contains a key other than `refused`; from then on `get` returns that one. */
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
      // Several requests may be refused at the same time; the first has already renewed the key for all.
      if (current !== refused) return true;
      current = await load();
      return current !== refused;
    },
  };
}

/** The console shows the key in both forms. */
function clean(key: string): string {
  const bare = withoutLineEnd(key)
    .trim()
    .replace(/^Bearer\s+/i, '');
  if (!/^[\x21-\x7e]+$/.test(bare))
    throw new ConfigError('the API key is empty, or contains spaces or other characters that no key has');
  return rememberSecret(bare);
}
