import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { ConfigError, messageOf } from '../contracts/errors.ts';
import { commonFile, type KindFile, kindFile, type Mappings } from './files.ts';
import { type FileInUse, filesInUse } from './folders.ts';

/**
 * The mappings of the package, with the files of a folder of the operator's laid over them: a file of a new name adds a
 * kind, one of the same name takes the place of the package's. A wrong file is a ConfigError that names file and key.
 */
export function loadMappings(overlay?: string): Mappings {
  const files = filesInUse(overlay);
  const { '_common.yaml': commonIn, '_unknown.yaml': unknownIn, ...kindsIn } = files;
  const common = read(commonIn, commonFile);
  const readKind = (file: FileInUse): KindFile => withFields(file, common, read(file, kindFile));
  return {
    common,
    unknown: readKind(unknownIn),
    kinds: Object.values(kindsIn).map((file) => named(file, readKind(file))),
    own: Object.values(files).filter(({ own }) => own),
  };
}

/** `NPM-Package-Upgrade` and `pr_check_failure` in kebab case. */
export function fileNameOf(kind: string): string {
  return kind.toLowerCase().replaceAll('_', '-');
}

function named({ name, path }: FileInUse, kind: KindFile): KindFile {
  const expected = `${fileNameOf(kind.detection)}.yaml`;
  if (name !== expected)
    throw new ConfigError(`${path}: the mapping of ${kind.detection} must be named ${expected}`);
  return kind;
}

/** An event of a data model without fields would be in no model: the add-on knows it by its name alone. */
function withFields({ path }: FileInUse, { cim }: Mappings['common'], kind: KindFile): KindFile {
  const known = Object.keys(cim.models);
  for (const model of [kind.cim.model, ...(kind.cim.activity === undefined ? [] : [kind.cim.activity.model])])
    if (!known.includes(model))
      throw new ConfigError(
        `the mapping ${path} names the data model ${model}; _common.yaml has ${known.join(', ')}`,
      );
  return kind;
}

function read<T>({ path }: FileInUse, schema: z.ZodType<T>): T {
  let content: unknown;
  try {
    content = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigError(`cannot read the mapping ${path}: ${messageOf(error)}`, { cause: error });
  }
  const result = schema.safeParse(content);
  if (!result.success)
    throw new ConfigError(`the mapping ${path} is wrong:\n${z.prettifyError(result.error)}`);
  return result.data;
}
