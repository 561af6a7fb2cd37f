/**
 * Refuses a blob name that is not a relative path of `[A-Za-z0-9._/-]` without empty, `.` and `..` segments: names come
 * from configurations and must never leave the store's root. A wrong one is our bug, so a plain error.
 */
export function checkName(name: string): void {
  const segments = name.split('/');
  const plain = segments.every((segment) => /^[A-Za-z0-9._-]+$/.test(segment) && !/^\.{1,2}$/.test(segment));
  if (!plain) throw new Error(`not a name of a blob: ${JSON.stringify(name)}`);
}
