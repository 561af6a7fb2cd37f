const SCRATCH_BYTES = 65_536;

/**
 * Returns the low bytes of a text's characters, valid up to its length and until the next call: reading the characters
 * of a string one by one takes twice as long.
 */
export function createByteReader(): (text: string) => Uint8Array {
  const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  return (text) => {
    if (text.length > SCRATCH_BYTES) return Buffer.from(text, 'latin1');
    scratch.write(text, 'latin1');
    return scratch;
  };
}
