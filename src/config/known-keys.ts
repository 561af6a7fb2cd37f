import { distance } from 'fastest-levenshtein';
import { nearest } from '../text/in-words.ts';
import { configShape, memberOf, type Shape } from './shape.ts';

/**
 * Suggests what an unknown key was meant to be: its proper section if it exists elsewhere, otherwise the key with the
 * closest spelling. Undefined if nothing is close.
 */
export function meantBy(key: string, section: readonly PropertyKey[], tree: unknown): string | undefined {
  const root = configShape();
  const here = keysOf(root, section, tree);
  const near = nearest(key, here);
  if (near !== undefined && distance(key, near) === 1) return `did you mean ${near}?`;
  const homes = [...homesOf(key, root, [], tree)].filter((home) => home !== section.join('.'));
  if (homes.length > 0) return `it belongs under ${homes.slice(0, 2).join(' or ')}`;
  return near === undefined ? undefined : `did you mean ${near}?`;
}

/** The types that a section can have. */
export function typesAt(section: readonly PropertyKey[], tree: unknown): string[] {
  const root = configShape();
  const nodes = section.reduce<readonly Shape[]>(
    (found, key) => found.flatMap((node) => below(node, key)),
    choices(root, tree, false),
  );
  return nodes
    .flatMap((node) => choices(node, undefined, false))
    .flatMap(({ properties }) =>
      typeof properties?.['type']?.const === 'string' ? [properties['type'].const] : [],
    );
}

function keysOf(root: Shape, section: readonly PropertyKey[], tree: unknown): string[] {
  let nodes = choices(root, tree, true);
  let value = tree;
  for (const key of section) {
    value = memberOf(value, key);
    nodes = nodes.flatMap((node) => below(node, key)).flatMap((node) => choices(node, value, true));
  }
  return nodes.flatMap(({ properties }) => Object.keys(properties ?? {}));
}

/** Sections that have this key, given the configured types, outermost first. */
function* homesOf(key: string, node: Shape, path: readonly string[], value: unknown): Generator<string> {
  const nodes = choices(node, value, true);
  if (path.length > 0 && nodes.some(({ properties }) => Object.hasOwn(properties ?? {}, key)))
    yield path.join('.');
  for (const { properties } of nodes)
    for (const [name, next] of Object.entries(properties ?? {}))
      yield* homesOf(key, next, [...path, name], memberOf(value, name));
}

function below({ properties, items }: Shape, key: PropertyKey): readonly Shape[] {
  if (typeof key === 'number') return items === undefined ? [] : [items];
  const found = Object.hasOwn(properties ?? {}, key) ? properties?.[String(key)] : undefined;
  return found === undefined ? [] : [found];
}

/** The alternatives of a node; with `typed`, only those of the type in the configuration. */
function choices(node: Shape, value: unknown, typed: boolean): readonly Shape[] {
  const all = node.oneOf ?? node.anyOf;
  if (all === undefined || node.properties !== undefined) return [node];
  const flat = all.flatMap((one) => choices(one, value, typed));
  const type = memberOf(value, 'type');
  const of = typed ? flat.filter(({ properties }) => properties?.['type']?.const === type) : [];
  return of.length > 0 ? of : flat;
}
