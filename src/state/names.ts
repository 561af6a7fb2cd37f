/**
 * Throws if a blob name is not a relative path of `[A-Za-z0-9._/-]`, or has empty, `.` or `..` segments: names come
 * from configurations and must never leave the store's root. A bad name is our own bug, hence a plain error.
 */
export function checkName(name: string): void {
  const segments = name.split('/');
  const plain = segments.every((segment) => /^[A-Za-z0-9._-]+$/.test(segment) && !/^\.{1,2}$/.test(segment));
  if (!plain) throw new Error(`not a valid blob name: ${JSON.stringify(name)}`);
}
