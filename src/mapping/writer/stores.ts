/** Above this length a call of `set` is as fast, and the code would only grow. */
const MOST_BYTES = 256;
const WORD = 4;

/**
 * Source text that writes a constant to `out`, word by word: this takes the processor a few cycles, while a call of
 * `set` takes many more before it copies the first byte. `name` returns a name for a value that the code refers to.
 */
export function storesOf(text: string, name: (kind: string, value: unknown) => string): string {
  const bytes = Buffer.from(text);
  if (bytes.length > MOST_BYTES) return `putBytes(out, ${name('text', bytes)});`;
  const words = Buffer.alloc(Math.ceil(bytes.length / WORD) * WORD);
  bytes.copy(words);
  const stores: string[] = [];
  for (let at = 0; at < words.length; at += WORD) {
    stores.push(`view.setInt32(at + ${at}, ${words.readInt32LE(at)}, true);`);
  }
  // The last word may extend past the text: it is overwritten by what follows.
  return `{ reserve(out, ${words.length}); const { at, view } = out; ${stores.join(' ')} out.at = at + ${bytes.length}; }`;
}
