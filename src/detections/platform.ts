/** The platform of a runner, in ECS's words (`host.os.type`). */
export type Platform = 'linux' | 'macos' | 'windows';

const WINDOWS = /^(?:[A-Za-z]:[\\/]|\\\\[^\\])|\.exe$/i;
/** Folders that only one of the two has, including those of GitHub's runners. */
const LINUX = /^\/(?:proc|sys|home|root|github|__[wt])(?:\/|$)/;
const MACOS = /^\/(?:Users|System|Library|Applications|Volumes|private|opt\/homebrew)(?:\/|$)/;

/**
 * The platform according to the first path or program name that shows one; undefined if none does: `/usr/bin/curl`
 * may be Linux or macOS.
 */
export function platformOf(...shown: readonly (string | undefined)[]): Platform | undefined {
  for (const one of shown) {
    if (one === undefined) continue;
    if (WINDOWS.test(one)) return 'windows';
    if (LINUX.test(one)) return 'linux';
    if (MACOS.test(one)) return 'macos';
  }
  return undefined;
}

/** The last part of a path, with either separator. */
export function basename(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** The program's bare name: `C:\tools\NCAT.EXE` is `ncat`. */
export function programOf(path: string): string {
  return basename(path)
    .toLowerCase()
    .replace(/\.exe$/, '');
}
