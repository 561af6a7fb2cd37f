import { withoutLineEnd } from '../options/secret.ts';

/** A tree as parsed from YAML, and the paths of the values that came from the environment. */
export interface Substituted {
  readonly value: unknown;
  readonly fromEnv: ReadonlySet<string>;
  /** References to variables that are not set and have no default; each is left as written. */
  readonly unset: readonly { readonly path: readonly PropertyKey[]; readonly name: string }[];
}

const REFERENCE = /\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g;

/**
 * Replaces `${NAME}` and `${NAME:-default}` in every string of a parsed tree; `$${` means a literal `${`. Runs after
 * parsing, so that a value can never change the structure. Removes the line ending and byte order mark of a mounted
 * secret.
 */
export function substituteEnv(tree: unknown, env: NodeJS.ProcessEnv): Substituted {
  const fromEnv = new Set<string>();
  const unset: { path: readonly PropertyKey[]; name: string }[] = [];
  const visit = (node: unknown, path: readonly PropertyKey[]): unknown => {
    if (Array.isArray(node)) return node.map((item, at) => visit(item, [...path, at]));
    if (typeof node === 'object' && node !== null) {
      return Object.fromEntries(
        Object.entries(node).map(([key, value]) => [key, visit(value, [...path, key])]),
      );
    }
    if (typeof node !== 'string' || !node.includes('${')) return node;
    return replace(node, path);
  };
  const replace = (text: string, path: readonly PropertyKey[]): string => {
    const parts = text.split('$${');
    const replaced = parts.map((part) =>
      part.replace(REFERENCE, (written, name: string, fallback: string | undefined) => {
        fromEnv.add(path.map(String).join('.'));
        // As in a shell, a variable that is set but empty also gets the default.
        const given = env[name] === undefined ? undefined : withoutLineEnd(env[name]);
        const value = given === '' ? (fallback ?? '') : (given ?? fallback);
        if (value === undefined) unset.push({ path, name });
        return value ?? written;
      }),
    );
    return replaced.join('${');
  };
  return { value: visit(tree, []), fromEnv, unset };
}
