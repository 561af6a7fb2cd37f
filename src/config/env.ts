import { ConfigError } from '../contracts/errors.ts';
import { withoutLineEnd } from '../options/secret.ts';

/** A tree as YAML gives it, and the paths of the values that came from the environment. */
export interface Substituted {
  readonly value: unknown;
  readonly fromEnv: ReadonlySet<string>;
}

const REFERENCE = /\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g;

/**
 * Replaces `${NAME}` and `${NAME:-default}` in every text of a parsed tree; `$${` stands for a literal `${`. Done after
 * parsing, so that a value can never change the structure; the line end and byte order mark of a mounted secret are
 * left out. Throws `ConfigError` naming the key of an unset variable.
 */
export function substituteEnv(tree: unknown, env: NodeJS.ProcessEnv): Substituted {
  const fromEnv = new Set<string>();
  const visit = (node: unknown, path: string): unknown => {
    if (Array.isArray(node)) return node.map((item, at) => visit(item, `${path}.${at}`));
    if (typeof node === 'object' && node !== null) {
      return Object.fromEntries(
        Object.entries(node).map(([key, value]) => [key, visit(value, join(path, key))]),
      );
    }
    if (typeof node !== 'string' || !node.includes('${')) return node;
    return replace(node, path);
  };
  const replace = (text: string, path: string): string => {
    const parts = text.split('$${');
    const replaced = parts.map((part) =>
      part.replace(REFERENCE, (_, name: string, fallback: string | undefined) => {
        fromEnv.add(path);
        // As in a shell: what is set to nothing has the default too.
        const given = env[name] === undefined ? undefined : withoutLineEnd(env[name]);
        const value = given === '' ? (fallback ?? '') : (given ?? fallback);
        if (value === undefined)
          throw new ConfigError(`${path}: the environment variable ${name} is not set`);
        return value;
      }),
    );
    return replaced.join('${');
  };
  return { value: visit(tree, ''), fromEnv };
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
