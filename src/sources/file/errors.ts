/** The code of a system error, for messages and decisions. */
export function errorCode(error: unknown): string {
  const known = typeof error === 'object' && error !== null && 'code' in error;
  return known && typeof error.code === 'string' ? error.code : 'unknown';
}
