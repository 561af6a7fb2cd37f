/**
 * Reads the keys of a listing that was asked for with `encoding-type=url`. Servers that do not know it give keys as
 * they are and do not repeat it in the reply. Gives undefined for an entry without a readable key.
 */
export function keyDecoder(encoding: string | undefined): (key: string | undefined) => string | undefined {
  const decode = encoding === 'url' ? decodeKey : (key: string): string => key;
  return (key) => (key ? decode(key) : undefined);
}

/** A key as S3 encodes it in listings and notifications, a space as `+` or `%20`; undefined when it is not encoded so. */
export function decodeKey(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
