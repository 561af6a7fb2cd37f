/**
 * Reads the keys of a listing requested with `encoding-type=url`. Servers that do not know it return keys unencoded
 * and do not repeat it in the reply. Returns undefined for an entry without a readable key.
 */
export function keyDecoder(encoding: string | undefined): (key: string | undefined) => string | undefined {
  const decode = encoding === 'url' ? decodeKey : (key: string): string => key;
  return (key) => (key ? decode(key) : undefined);
}

/**
 * A key as S3 encodes it in listings and notifications, with a space as `+` or `%20`; undefined if it is not
 * encoded like that.
 */
export function decodeKey(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
