import type { Detection } from '../detections/detection.ts';
import type { Role } from './document.ts';
import type { KindFile } from './files.ts';
import { type FileInUse, filesInUse, readMapping } from './folders.ts';
import type { Rule } from './language.ts';
import { type Lines, linesOf } from './lines.ts';
import { fileNameOf, loadMappings } from './load.ts';
import type { MapperOptions } from './options.ts';
import { parseMapping } from './parsed.ts';
import { compileReason } from './reason.ts';
import { OUTPUT_SCHEMAS } from './schemas/index.ts';
import type { Section } from './schemas/schema.ts';

/** A line of a mapping file. */
interface Place {
  /** `_common.yaml`, or the file of the kind. */
  readonly in: 'common' | 'kind';
  readonly file: string;
  readonly line: number;
}

/** Where the mappings define what a document contains. */
export interface Places {
  /** The file for the kind. */
  fileOf(detection: Detection): string;
  /** The file that all kinds share. */
  readonly common: string;
  /**
   * The rule that wrote a field, followed by the lines of the kind's file that state the facts it reads. Empty if
   * no rule writes the field, but the program itself.
   */
  of(field: string, detection: Detection, role: Role | undefined): readonly Place[];
}

type Options = Pick<MapperOptions, 'schema' | 'cimProfile'>;

/** Facts that the kind's file states, with their key. */
const STATED: Readonly<Record<string, keyof KindFile>> = {
  'event.kind': 'event_kind',
  'event.category': 'category',
  'event.type': 'type',
  'severity.number': 'severity',
  'severity.word': 'severity',
  'threat.tactic': 'threat',
  'threat.technique': 'threat',
  'threat.ids': 'threat',
  'profile.group': 'group',
  name: 'title',
  action: 'action',
};

/** Fields that are written by sentences, not by rules. */
const SENTENCES = new Set(['event.reason', 'description']);

/** Used to explain documents to people: it reads the files again, with their lines. */
export function openPlaces(overlay: string | undefined, { schema, cimProfile }: Options): Places {
  const mappings = loadMappings(overlay);
  const files = filesInUse(overlay);
  const output = OUTPUT_SCHEMAS[schema];
  const read = new Map<string, { readonly lines: Lines; readonly keys: readonly string[] }>();

  const textOf = ({ path }: FileInUse) => {
    const known = read.get(path);
    if (known !== undefined) return known;
    const text = readMapping(path);
    const parsed = { lines: linesOf(text), keys: Object.keys(parseMapping(text) as object) };
    read.set(path, parsed);
    return parsed;
  };
  const kindOf = ({ profile: { kind } }: Detection): { file: FileInUse; content: KindFile } => {
    const content = mappings.kinds.find(({ detection }) => detection === kind) ?? mappings.unknown;
    const file = files[`${fileNameOf(kind)}.yaml`];
    return content === mappings.unknown || file === undefined
      ? { file: files['_unknown.yaml'], content }
      : { file, content };
  };
  const place = (detection: Detection, where: Place['in'], keys: readonly PropertyKey[]): Place => {
    const file = where === 'common' ? files['_common.yaml'] : kindOf(detection).file;
    return { in: where, file: file.path, line: textOf(file).lines.at(keys) };
  };
  const ruleOf = (field: string, detection: Detection, role: Role | undefined) => {
    const { content } = kindOf(detection);
    // The registry's union loses the type; each schema accepts these files.
    const sections = (output.sections as (...args: unknown[]) => readonly Section[])(
      mappings,
      content,
      { cimProfile },
      role,
    );
    for (const section of sections.toReversed()) {
      const name = prefixesOf(field).find((one) => Object.hasOwn(section.fields, one));
      if (name !== undefined) return { section, name, rule: section.fields[name] as Rule };
    }
    return undefined;
  };
  /** Where the kind's file states a fact, if this value comes from there. */
  const stated = (fact: string, detection: Detection): Place[] => {
    const key = STATED[fact];
    const { file, content } = kindOf(detection);
    if (key === undefined || !textOf(file).keys.includes(key)) return [];
    if (key === 'severity' && content.severity !== detection.severity.word) return [];
    if (key === 'title' && content.title !== detection.name) return [];
    if (key === 'action' && content.action !== detection.action) return [];
    return [place(detection, 'kind', [key])];
  };
  const sentence = (detection: Detection): Place[] => {
    const fits = (text: string): boolean => compileReason([text])(detection) !== undefined;
    const { change } = detection;
    const own = change === undefined ? kindOf(detection).content.reason.findIndex(fits) : -1;
    if (own >= 0) return [place(detection, 'kind', ['reason', own])];
    const key = change === undefined ? 'reason' : 'change_reason';
    const shared = mappings.common[key].findIndex(fits);
    return shared < 0 ? [] : [place(detection, 'common', [key, shared])];
  };

  return {
    fileOf: (detection) => kindOf(detection).file.path,
    common: files['_common.yaml'].path,
    of(field, detection, role) {
      if (SENTENCES.has(field)) return sentence(detection);
      const found = ruleOf(field, detection, role);
      if (found === undefined) return stated(field, detection);
      const { section, name, rule } = found;
      const keys = name === 'cim_model' ? section.keys : [...section.keys, name];
      const facts = pathsIn(rule).flatMap((path) => stated(path, detection));
      return [place(detection, section.in, keys), ...facts];
    },
  };
}

/** `a.b.c`, `a.b`, `a`, since a rule may write an object. */
function prefixesOf(field: string): string[] {
  const parts = field.split('.');
  return parts.map((_, at) => parts.slice(0, parts.length - at).join('.'));
}

function pathsIn(rule: Rule): readonly string[] {
  if (typeof rule === 'string') return rule.startsWith('$') ? [rule.slice(1)] : [];
  return typeof rule !== 'object' || Array.isArray(rule) ? [] : [rule.from].flat();
}
