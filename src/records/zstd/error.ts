/** The frame breaks the format, or its content is not what the frame itself says it is. */
export class ZstdError extends Error {
  override name = 'ZstdError';
}
