/** Beyond this a call of `set` is as fast, and the code would only grow. */
const MOST_BYTES = 256;
const WORD = 4;

/**
 * Source text that writes a constant to `out`, word by word: that takes the processor a few cycles, and a call of `set`
 * many more before it copies its first byte. `name` gives a name for what the text closes over.
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
  // The last word may reach beyond the text: what follows is written over it.
  return `{ reserve(out, ${words.length}); const { at, view } = out; ${stores.join(' ')} out.at = at + ${bytes.length}; }`;
}
