import { Document, isCollection, isMap, isScalar, type Node, Pair, Scalar, YAMLMap } from 'yaml';
import type { ReadConfig } from '../../config/load.ts';
import { configShape, memberOf, type Shape } from '../../config/shape.ts';
import { printable } from '../../text/printable.ts';

type Path = readonly PropertyKey[];

const MASK = '[secret]';

/**
 * The whole configuration as YAML, including defaults. A comment after each value says where it comes from: its line in
 * the file, a flag, the environment or the default. Secrets are masked.
 */
export function effective({ given, originOf }: ReadConfig): string {
  const document = new Document();

  const note = (path: Path, isGiven: boolean): string => {
    if (!isGiven) return ' default';
    const origin = originOf(path);
    if (typeof origin === 'string') return origin === 'flag' ? ' from a flag' : ' from the environment';
    return origin.line === undefined ? ' given' : ` line ${origin.line}`;
  };
  const noted = (value: unknown, path: Path, isGiven: boolean): Node => {
    const node = document.createNode(typeof value === 'string' ? printable(value) : value);
    if (isCollection(node)) node.flow = true;
    (node as Scalar).comment = note(path, isGiven);
    return node;
  };
  const build = (shape: Shape, value: unknown, path: Path): Node | undefined => {
    const isGiven = value !== undefined;
    if (shape.writeOnly === true) return isGiven ? noted(MASK, path, true) : undefined;
    const { properties } = formOf(shape, value);
    if (properties === undefined) {
      // Writing it out could make the configuration invalid: whether it has an effect depends on other options.
      const known = isGiven || shape['x-conditional'] === true ? value : shape.default;
      return known === undefined ? undefined : noted(known, path, isGiven);
    }
    // An optional section that was not given is left out, unless it has defaults as a whole.
    if (!isGiven && shape.default === undefined) return undefined;
    const map = new YAMLMap();
    for (const [key, next] of Object.entries(properties)) {
      const node = build(next, memberOf(value, key), [...path, key]);
      if (node !== undefined) map.items.push(new Pair(new Scalar(key), node));
    }
    return map;
  };

  const contents = build(configShape(), given, []);
  document.contents = contents as never;
  if (isMap(contents))
    for (const { key } of contents.items.slice(1)) if (isScalar(key)) key.spaceBefore = true;
  return document.toString({ lineWidth: 0 });
}

/** For a part with several forms, the one that was given. */
function formOf(shape: Shape, value: unknown): Shape {
  if (shape.properties !== undefined) return shape;
  const type = memberOf(value, 'type');
  const forms = (shape.oneOf ?? shape.anyOf ?? []).map((one) => formOf(one, value));
  return forms.find(({ properties }) => type !== undefined && properties?.['type']?.const === type) ?? shape;
}
