/** What a runner runs on, in ECS's words (`host.os.type`). */
export type Platform = 'linux' | 'macos' | 'windows';

const WINDOWS = /^(?:[A-Za-z]:[\\/]|\\\\[^\\])|\.exe$/i;
/** Folders that one of the two has and the other has not, those of GitHub's runners among them. */
const LINUX = /^\/(?:proc|sys|home|root|github|__[wt])(?:\/|$)/;
const MACOS = /^\/(?:Users|System|Library|Applications|Volumes|private|opt\/homebrew)(?:\/|$)/;

/**
 * The platform that paths and names of programs show, by the first that shows one; undefined where none does:
 * `/usr/bin/curl` may be Linux or macOS.
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

/** The last part of a path, whatever separates its parts. */
export function basename(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** A program by its name alone: `C:\tools\NCAT.EXE` is `ncat`. */
export function programOf(path: string): string {
  return basename(path)
    .toLowerCase()
    .replace(/\.exe$/, '');
}
