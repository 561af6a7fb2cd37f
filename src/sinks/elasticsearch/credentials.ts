import { checkedSecret, readSecret } from '../../options/secret.ts';
import { rememberSecret } from '../../text/own-secrets.ts';
import type { ElasticsearchOptions } from './options.ts';

/** In the client's terms. An API key is encoded. */
type Credentials = { readonly username: string; readonly password: string } | { readonly apiKey: string };

/** Undefined if none are given. Reads the secret files. Throws `ConfigError` if one cannot be read. */
export function credentialsOf(options: ElasticsearchOptions): Credentials | undefined {
  const { username } = options;
  if (username !== undefined) {
    const password = secretOf('password', options.password, options.password_file) ?? '';
    rememberSecret(basicOf(username, password));
    return { username, password };
  }
  const apiKey = secretOf('api_key', options.api_key, options.api_key_file)?.trim();
  if (apiKey === undefined) return undefined;
  const [id, key] = apiKey.split(':');
  if (id === undefined || key === undefined) return { apiKey };
  rememberSecret(key);
  return { apiKey: rememberSecret(basicOf(id, key)) };
}

/** The `Authorization` header for these credentials. */
export function authorizationOf(credentials: Credentials): string {
  if ('apiKey' in credentials) return `ApiKey ${credentials.apiKey}`;
  return `Basic ${basicOf(credentials.username, credentials.password)}`;
}

function basicOf(user: string, password: string): string {
  return Buffer.from(`${user}:${password}`).toString('base64');
}

/** Spaces around a password may be intentional; those around a key are not, and the caller removes them. */
function secretOf(key: string, given: string | undefined, file: string | undefined): string | undefined {
  if (given !== undefined) return checkedSecret(`sink.${key}`, given);
  return file === undefined ? undefined : readSecret(`sink.${key}_file`, file);
}
