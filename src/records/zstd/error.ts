/** The frame violates the format, or its content does not match what the frame declares. */
export class ZstdError extends Error {
  override name = 'ZstdError';
}
