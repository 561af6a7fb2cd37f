import type { Node } from '../config/options-of.ts';

/**
 * docs/configuration-reference.md, from the published schema of the configuration: every option with its type, default
 * and meaning.
 */

export interface Schema extends Node {
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly writeOnly?: boolean;
  readonly 'x-conditional'?: boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | false;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
}

interface Row {
  readonly path: string;
  readonly type: string;
  readonly standard: string;
  readonly meaning: string;
}

const HEAD = `# Configuration reference

Every option, generated from [schemas/config.schema.json](../schemas/config.schema.json) by \`npm run golden\`: do not edit this page.
[Configuration](configuration.md) has an annotated example and the rules that hold for all options.

*required*: there is no default. –: optional, and off or empty unless it is set. A duration is text with a unit: \`500ms\`, \`10s\`,
\`5m\`, \`24h\`, \`7d\`. A secret is given as \`\${NAME}\`, never as itself.
`;

export function referenceOf(schema: Schema): string {
  const sections = Object.entries(schema.properties ?? {});
  const plain = sections.filter(([, node]) => !isSection(node));
  const parts = sections
    .filter(([, node]) => isSection(node))
    .map(([name, node]) => sectionOf(name, node, schema));
  const single = plain.flatMap(([name, node]) => rowsOf(name, node, false, schema));
  return [HEAD, ...parts, `## Single options\n\n${tableOf(single)}`].join('\n');
}

const isSection = (node: Schema): boolean => node.oneOf !== undefined || node.properties !== undefined;

function sectionOf(name: string, node: Schema, root: Schema): string {
  const title = `## \`${name}\`\n\n${node.description ?? ''}\n`;
  if (node.oneOf === undefined) return `${title}\n${tableOf(optionsOf('', node, root))}`;
  const kinds = node.oneOf.map((kind) => {
    const type = String(kind.properties?.['type']?.const);
    const choice = alternatives(kind);
    return [
      `### \`${name}\` of type \`${type}\`\n`,
      `${kind.properties?.['type']?.description ?? ''}${choice === '' ? '' : ` ${choice}`}\n`,
      tableOf(optionsOf('', kind, root).filter(({ path }) => path !== 'type')),
    ].join('\n');
  });
  return [title, ...kinds].join('\n');
}

/** At least one of several options is required. */
function alternatives({ anyOf = [] }: Schema): string {
  const names = anyOf.flatMap(({ required = [] }) => required).map((name) => `\`${name}\``);
  return names.length === 0 ? '' : `Required: ${names.join(' or ')}.`;
}

const optionsOf = (path: string, node: Schema, root: Schema, required = node.required ?? []): Row[] =>
  Object.entries(node.properties ?? {}).flatMap(([key, member]) =>
    rowsOf(path === '' ? key : `${path}.${key}`, member, required.includes(key), root),
  );

function rowsOf(path: string, node: Schema, required: boolean, root: Schema): Row[] {
  const row = {
    path,
    type: typeOf(node, root),
    standard: standardOf(node, required),
    meaning: node.description ?? '',
  };
  const inner = node.items ?? node;
  const at = node.items === undefined ? path : `${path}[]`;
  const members = inner.anyOf?.some(({ properties }) => properties !== undefined) ? inner.anyOf : [inner];
  // For alternatives, only the options that each of them requires are required.
  const asked = inner.required ?? members[0]?.required ?? [];
  const always = asked.filter((key) => members.every((member) => member.required?.includes(key) ?? false));
  const below = members.flatMap((member) => optionsOf(at, member, root, always));
  // Options that two alternatives share are listed once.
  const once = new Map(below.map((one) => [one.path, one]));
  return [row, ...once.values()];
}

function typeOf(node: Schema, root: Schema): string {
  const { type, format, items, oneOf, anyOf, additionalProperties: values } = node;
  if (node.writeOnly) return 'secret';
  if (node.enum !== undefined) return node.enum.map(code).join(', ');
  if (node.const !== undefined) return code(node.const);
  if (isDuration(node.default)) return 'duration';
  if (items !== undefined) return `list of ${isObject(items) ? 'objects' : typeOf(items, root)}`;
  if (oneOf !== undefined)
    return JSON.stringify(oneOf) === JSON.stringify(root.properties?.['state']?.oneOf)
      ? 'as [`state`](#state)'
      : 'object';
  if (anyOf !== undefined) return anyOf.map((one) => typeOf(one, root)).join(', ');
  if (typeof values === 'object') return `map to ${typeOf(values, root)}`;
  if (type === 'integer' || type === 'number')
    return `${type === 'integer' ? 'whole number' : type}${rangeOf(node)}`;
  if (type === 'boolean') return '`true`, `false`';
  if (type === 'object') return 'object';
  return { uri: 'URL', uuid: 'GUID', 'date-time': 'time (RFC 3339)' }[format ?? ''] ?? 'text';
}

const isObject = ({ properties, anyOf = [] }: Schema): boolean =>
  properties !== undefined || anyOf.some((one) => one.properties !== undefined);
const isDuration = (value: unknown): boolean => typeof value === 'string' && /^\d+(?:ms|[smhd])$/.test(value);
const code = (value: unknown): string => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

function rangeOf({ minimum, maximum }: Schema): string {
  const least = minimum === undefined ? '' : String(minimum);
  if (maximum === undefined || maximum === Number.MAX_SAFE_INTEGER)
    return least === '' ? '' : `, from ${least}`;
  return `, ${least} to ${maximum}`;
}

/** A longer list is only counted. */
const MOST = 5;
const MIB = 2 ** 20;

function standardOf(node: Schema, required: boolean): string {
  const { default: value } = node;
  if (required) return '*required*';
  if (value === undefined || (typeof value === 'object' && Object.keys(value as object).length === 0))
    return '–';
  if (Array.isArray(value) && value.length > MOST) return `all ${value.length} known`;
  const text = Array.isArray(value)
    ? value.map((one) => code(one === '' ? "''" : one)).join(', ')
    : code(value);
  return typeof value === 'number' && value >= MIB && value % MIB === 0
    ? `${text} (${value / MIB} MiB)`
    : text;
}

function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ path, type, standard, meaning }) =>
    ['', `\`${path}\``, type, standard, meaning, '']
      .map((cell) => escaped(cell))
      .join(' | ')
      .trim(),
  );
  return ['| option | type | default | meaning |', '|---|---|---|---|', ...lines, ''].join('\n');
}

/** `|` ends a cell, and `<name>` outside code would be a tag; `*` could be read as emphasis. */
const escaped = (text: string): string =>
  text
    .replaceAll('|', '\\|')
    .split(/(`[^`]*`)/)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part.replaceAll('<', '&lt;').replaceAll(/\*(?!required)(?<!required\*)/g, '\\*'),
    )
    .join('');
