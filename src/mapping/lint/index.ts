import type { Schema } from '../../contracts/schema.ts';
import type { Document, JsonObject } from '../../contracts/types.ts';
import type { Detection } from '../../detections/detection.ts';
import type { CommonFile, KindFile, Mappings } from '../files.ts';
import { readMapping } from '../folders.ts';
import { type Fields, pathsOf } from '../language.ts';
import { linesOf } from '../lines.ts';
import { fileNameOf } from '../load.ts';
import { pathsIn } from '../reason.ts';
import { beyondModels, lintCim } from './cim.ts';
import { lintEcs } from './ecs.ts';
import { ecsCategories, expectedTypes } from './facts.ts';
import { type PathLint, pathLint } from './paths.ts';
import { lintCimRules, lintEcsRules } from './rules.ts';

/** A problem with a mapping file that loads nevertheless: an event would be missed by searches, or be refused. */
export interface Problem {
  readonly path: string;
  /** Where the file contains the problem. */
  readonly line?: number | undefined;
  readonly problem: string;
}

/** Checks the operator's files. `detections`: samples that together have all possible facts. */
export function lintMappings(mappings: Mappings, detections: Iterable<Detection>): Problem[] {
  if (mappings.own.length === 0) return [];
  const paths = pathLint(detections);
  return mappings.own.flatMap(({ name, path }) => {
    const kind = [...mappings.kinds, mappings.unknown].find((one) => nameOf(one) === name);
    const problems =
      kind === undefined
        ? lintCommon(mappings.common, paths)
        : [...lintGround(kind, path), ...lintKind(kind, mappings.common, paths)];
    return located(path, problems);
  });
}

/** Checks documents of the operator's kinds, or of all kinds if the shared file is the operator's. */
export function documentLint(
  mappings: Mappings,
  schema: Schema,
): (detection: Detection, documents: readonly Document[]) => Problem[] {
  const own = new Map(mappings.own.map(({ name, path }) => [name, path]));
  const all = own.get('_common.yaml');
  const beyond = beyondModels(mappings.common);
  const lint = schema === 'ecs' ? lintEcs : (event: JsonObject) => lintCim(event, beyond);
  return ({ profile }, documents) => {
    const path = own.get(nameOf({ detection: profile.kind })) ?? all;
    if (path === undefined) return [];
    const problems = documents.flatMap(({ json }) => lint(JSON.parse(json.toString()) as JsonObject));
    return located(path, problems);
  };
}

/** Each once, with its line. A problem starts with its field, or ends with its path. */
function located(path: string, problems: readonly string[]): Problem[] {
  if (problems.length === 0) return [];
  const lines = linesOf(readMapping(path));
  return [...new Set(problems)].map((problem) => {
    const [, field, fact] = /^([^\s:]+): |^no detection has (\S+)$/.exec(problem) ?? [];
    return { path, line: lines.of(field ?? fact ?? problem), problem };
  });
}

/** Only a source outside the mapping can say what happened to an act: the file must name it, for its readers. */
function lintGround({ action }: KindFile, path: string): string[] {
  const isGrounded = /^[ \t]*#.*\n[ \t]*action:|^[ \t]*action:.*#/m.test(readMapping(path));
  if (action === undefined || isGrounded) return [];
  return [`action: ${action} has no source; name it in a comment on the line above`];
}

/** Problems with the mapping of a kind. */
export function lintKind(file: KindFile, common: CommonFile, paths: PathLint): string[] {
  const { ecs, cim, reason } = file;
  const beyond = beyondModels(common);
  const fields = [ecs, cim.fields, cim.activity?.fields ?? {}];
  return [
    ...lintCategories(file),
    ...lintEcsRules(ecs),
    ...lintCimRules(cim.fields, cim.model, beyond),
    ...lintCimRules(cim.activity?.fields ?? {}, cim.activity?.model, beyond),
    ...lintPaths([...fields.flatMap(pathsOf), ...pathsIn(reason)], paths),
    ...lintSelected(cim.fields),
    ...repeats(ecs, common.ecs),
    ...repeats(cim.fields, { ...common.cim.fields, ...common.cim.models[cim.model] }),
  ];
}

function lintCommon({ ecs, cim, reason, change_reason: changes }: CommonFile, paths: PathLint): string[] {
  const models = Object.values(cim.models);
  const fields = [ecs, cim.fields, cim.activity, cim.change, ...models];
  return [
    ...lintEcsRules(ecs),
    ...Object.entries(cim.models).flatMap(([model, of]) =>
      lintCimRules({ ...cim.fields, ...of }, model, beyondModels({ cim })),
    ),
    ...lintPaths([...fields.flatMap(pathsOf), ...pathsIn([...reason, ...changes])], paths),
  ];
}

/**
 * A stopped act gets the type `denied` in addition to its own, so some category must allow it; only acts on a
 * runner can be stopped.
 */
function lintCategories({ dataset, category, type }: KindFile): string[] {
  const known = ecsCategories();
  const expected = expectedTypes(category);
  return [
    ...category.filter((one) => !known.includes(one)).map((one) => `category: ${one} is not an ECS category`),
    ...type
      .filter((one) => !expected.has(one))
      .map((one) => `type: ${one} is not expected for ${category.join(', ')}`),
    ...(expected.has('denied') || dataset !== 'detection'
      ? []
      : ['category: none of these allows the type denied, which is added if the act was stopped']),
  ];
}

/** The add-on treats an event with these as closed: a kind that sets them would be in no data model. */
function lintSelected(fields: Fields): string[] {
  return ['is_suppressed', 'is_resolved']
    .filter((field) => Object.hasOwn(fields, field))
    .map((field) => `${field}: eventtypes select by this field, and _common.yaml sets it for all kinds`);
}

function lintPaths(paths: readonly string[], lint: PathLint): string[] {
  return paths.flatMap((path) => lint(path) ?? []);
}

function repeats(own: Fields, common: Fields): string[] {
  return Object.entries(own)
    .filter(([field, rule]) => JSON.stringify(rule) === JSON.stringify(common[field]))
    .map(([field]) => `${field}: _common.yaml says the same`);
}

function nameOf({ detection }: Pick<KindFile, 'detection'>): string {
  return detection === '_unknown' ? '_unknown.yaml' : `${fileNameOf(detection)}.yaml`;
}
