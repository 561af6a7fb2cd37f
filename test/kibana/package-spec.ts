import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { globSync } from 'tinyglobby';
import { parse } from 'yaml';
import type { Package } from './package.ts';

/**
 * Validates with the schemas that Elastic publishes for packages (elastic/package-spec, the folder `spec`), using ajv.
 * Their patches for older format versions are left out: our package has the current one.
 */

interface Item {
  readonly type: 'folder' | 'file';
  readonly name?: string;
  readonly pattern?: string;
  readonly forbiddenPatterns?: readonly string[];
  readonly required?: boolean;
  readonly contents?: readonly Item[];
  readonly additionalContents?: boolean;
  readonly $ref?: string;
}
interface Folder {
  readonly contents?: readonly Item[];
  readonly additionalContents?: boolean;
}

const read = (folder: string, file: string): { readonly spec: object } =>
  parse(readFileSync(join(folder, file), 'utf8')) as { spec: object };

export function packageSpec(folder: string) {
  // Written for another validator: what ajv's strict mode rejects is not a mistake in the schema.
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  for (const file of globSync('{content,integration}/**/*.spec.yml', { cwd: folder }))
    ajv.addSchema(read(folder, file).spec, `spec:///${file}`);

  function schema(file: string): ValidateFunction {
    const found = ajv.getSchema(`spec:///${file}`);
    if (found === undefined) throw new Error(`${folder} has no ${file}`);
    return found;
  }

  /** What a folder may and must contain; and every YAML file against its schema. */
  function problemsIn(built: Package, at: string, spec: Folder, from: string): string[] {
    const own = built.paths.filter((path) => path.startsWith(at) && /^[^/]+\/?$/.test(path.slice(at.length)));
    const items = spec.contents ?? [];
    const isNamed = (item: Item, path: string): boolean => {
      const name = path.slice(at.length).replace(/\/$/, '');
      if ((item.type === 'folder') !== path.endsWith('/')) return false;
      if (item.forbiddenPatterns?.some((one) => new RegExp(one).test(name))) return false;
      if (item.pattern === undefined) return item.name === name;
      return new RegExp(item.pattern.replace('{PACKAGE_NAME}', 'stepsecurity_siem')).test(name);
    };
    const missing = items
      .filter((item) => item.required === true && !own.some((path) => isNamed(item, path)))
      .map(({ name }) => `${at}: no ${name}`);
    const inside = own.flatMap((path) => {
      const item = items.find((one) => isNamed(one, path));
      if (item === undefined) return spec.additionalContents === false ? [`${path}: not allowed`] : [];
      const file = item.$ref === undefined ? from : relative(folder, join(folder, dirname(from), item.$ref));
      if (item.type === 'folder') {
        const inner = item.$ref === undefined ? item : (read(folder, file).spec as Folder);
        return problemsIn(built, path, inner, file);
      }
      if (item.$ref === undefined) return [];
      const check = schema(file);
      if (check(built.yaml(path))) return [];
      return (check.errors ?? []).map(({ instancePath, message }) => `${path}${instancePath} ${message}`);
    });
    return [...missing, ...inside];
  }

  return (built: Package): string[] =>
    problemsIn(built, '', read(folder, 'content/spec.yml').spec, 'content/spec.yml');
}
