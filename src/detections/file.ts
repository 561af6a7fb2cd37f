/** A file, by its path alone; the path itself is kept verbatim. */
export interface FileRef {
  readonly path: string;
  readonly name: string | undefined;
  readonly directory: string | undefined;
  /** Without the dot, case kept. */
  readonly extension: string | undefined;
}

/** Names and extensions by POSIX rules, unless the path has a drive letter. */
export function readFile(path: string): FileRef {
  const cut = /^[A-Za-z]:[\\/]/.test(path)
    ? Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/'))
    : path.lastIndexOf('/');
  const name = path.slice(cut + 1);
  const directory = cut < 0 ? undefined : cut === 0 ? path.slice(0, 1) : path.slice(0, cut);
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 ? name.slice(dot + 1) : '';
  return {
    path,
    name: name === '' ? undefined : name,
    directory,
    extension: extension === '' ? undefined : extension,
  };
}
