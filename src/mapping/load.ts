import { join } from 'node:path';
import { YAMLParseError } from 'yaml';
import type { z } from 'zod';
import { ConfigError, messageOf } from '../contracts/errors.ts';
import { inWords } from '../text/in-words.ts';
import { commonFile, type KindFile, kindFile, type Mappings } from './files.ts';
import { type FileInUse, filesInUse, MAPPINGS_DIR, readMapping } from './folders.ts';
import { tellIssues } from './issues.ts';
import { linesOf } from './lines.ts';
import { parseMapping } from './parsed.ts';

/**
 * The package's mappings, with the files of the operator's folder laid over them: a file with a new name adds a
 * kind, one with an existing name replaces the package's. A bad file is a ConfigError that names file, line and
 * key.
 */
export function loadMappings(overlay?: string): Mappings {
  const files = filesInUse(overlay);
  const { '_common.yaml': commonIn, '_unknown.yaml': unknownIn, ...kindsIn } = files;
  const common = read(commonIn, commonFile);
  const readKind = (file: FileInUse): KindFile => withFields(file, common, read(file, kindFile));
  const kinds = Object.values(kindsIn).map((file) => ({ file, kind: named(file, readKind(file)) }));
  for (const { file, kind } of kinds) if (file.own) refuseConflicts(file, common, kind);
  refuseDoubles(kinds);
  return {
    common,
    unknown: readKind(unknownIn),
    kinds: kinds.map(({ kind }) => kind),
    own: Object.values(files).filter(({ own }) => own),
  };
}

/** `NPM-Package-Upgrade` and `pr_check_failure` in kebab case. */
export function fileNameOf(kind: string): string {
  return kind.toLowerCase().replaceAll('_', '-');
}

function named({ name, path, replaces }: FileInUse, kind: KindFile): KindFile {
  const expected = `${fileNameOf(kind.detection)}.yaml`;
  if (name !== expected)
    throw wrong(path, ['detection'], `the mapping of ${kind.detection} must be named ${expected}`);
  if (!replaces) return kind;
  // The vendor's id in other letter case is a different id: its detections would belong to no known kind.
  const { detection } = read({ path: join(MAPPINGS_DIR, name) }, kindFile);
  if (detection !== kind.detection)
    throw wrong(path, ['detection'], `${kind.detection} replaces ${detection}: write it as ${detection}`);
  return kind;
}

/** With an id in two kinds, it would be unclear which one is meant; one that differs only in case is a mistake. */
function refuseDoubles(kinds: readonly { readonly file: FileInUse; readonly kind: KindFile }[]): void {
  const taken = new Map<string, Named>();
  for (const { file, kind } of kinds)
    for (const [nth, id] of [kind.detection, ...kind.aliases].entries()) {
      const one: Named = { id, file, keys: nth === 0 ? ['detection'] : ['aliases', nth - 1] };
      const other = taken.get(fileNameOf(id));
      taken.set(fileNameOf(id), one);
      if (other === undefined || other.file === file) continue;
      // The operator can only fix their own file.
      const [mine, its] = file.own ? [one, other] : [other, one];
      const what = `${mine.id} is in ${its.file.path} as ${its.id}: an id belongs to one mapping`;
      throw wrong(mine.file.path, mine.keys, what);
    }
}

interface Named {
  readonly id: string;
  readonly file: FileInUse;
  /** Where the file names it. */
  readonly keys: readonly PropertyKey[];
}

/** Refuses a field that is a value in one rule and has fields below it in another. */
function refuseConflicts({ path }: FileInUse, common: Mappings['common'], { ecs, cim }: KindFile): void {
  const sections = [
    [['ecs'], ecs, common.ecs],
    [['cim', 'fields'], cim.fields, { ...common.cim.fields, ...common.cim.models[cim.model] }],
    [['cim', 'activity', 'fields'], cim.activity?.fields ?? {}, common.cim.activity],
  ] as const;
  for (const [keys, own, shared] of sections) {
    const names = Object.keys({ ...shared, ...own });
    for (const name of Object.keys(own)) {
      const other = names.find((one) => one.startsWith(`${name}.`) || name.startsWith(`${one}.`));
      if (other !== undefined)
        throw wrong(path, [...keys, name], `${name} and ${other}: a field has a value or fields, not both`);
    }
  }
}

function wrong(path: string, keys: readonly PropertyKey[], what: string): ConfigError {
  return new ConfigError(`${path}:${linesOf(readMapping(path)).at(keys)}: ${what}`);
}

/** An event of a data model without fields would be in no model: the add-on would know it only by its name. */
function withFields({ path }: FileInUse, { cim }: Mappings['common'], kind: KindFile): KindFile {
  const known = Object.keys(cim.models);
  const { model, activity } = kind.cim;
  const named = [
    { model, keys: ['cim', 'model'] },
    ...(activity === undefined ? [] : [{ model: activity.model, keys: ['cim', 'activity', 'model'] }]),
  ];
  for (const one of named)
    if (!known.includes(one.model))
      throw wrong(
        path,
        one.keys,
        `_common.yaml has no fields for the data model ${one.model}; it has fields for ${known.join(', ')}`,
      );
  return kind;
}

function read<T>({ path }: Pick<FileInUse, 'path'>, schema: z.ZodType<T>): T {
  const text = readMapping(path);
  const content = parsed(path, text);
  if (content === null)
    throw new ConfigError(`${path}: the file is empty; a mapping names at least its kind`);
  const result = schema.safeParse(content, { error: inWords });
  if (!result.success) throw new ConfigError(tellIssues(path, text, result.error.issues));
  return result.data;
}

function parsed(path: string, text: string): unknown {
  try {
    return parseMapping(text);
  } catch (error) {
    throw new ConfigError(yamlFault(path, error), { cause: error });
  }
}

function yamlFault(path: string, error: unknown): string {
  if (!(error instanceof YAMLParseError)) return `${path}: ${messageOf(error)}`;
  const [what = ''] = error.message.split(' at line ');
  const line = error.linePos?.[0].line ?? 1;
  return `${path}:${line}: ${error.code === 'MULTIPLE_DOCS' ? 'a file contains one mapping, not a second document' : what}`;
}
