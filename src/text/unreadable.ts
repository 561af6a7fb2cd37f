const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user is not allowed to read it',
  EISDIR: 'it is a directory',
  ENOENT: 'no such file',
  ENOTDIR: 'part of its path is a file, not a directory',
};

/** Why a file could not be read, for the person who put its name into the configuration. */
export function whyUnreadable(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? message;
}
