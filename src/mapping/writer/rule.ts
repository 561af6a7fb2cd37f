import type { Json } from '../../contracts/types.ts';
import type { Detection } from '../../detections/detection.ts';
import { isPlain } from '../../detections/scalars.ts';
import { cutTexts } from '../../detections/short-texts.ts';
import type { Rule } from '../language.ts';
import { type Getter, getter, rootOf } from '../path.ts';
import { scalarText } from '../scalar.ts';
import { CONVERSIONS } from './conversions.ts';
import { type Output, putBytes, since } from './output.ts';
import { putValue, serialise } from './value.ts';
import { putVerbatim } from './verbatim.ts';

/** A compiled rule: writes its value of one detection as JSON; false, and nothing written, when it has none. */
export interface ValueWriter {
  readonly put: (detection: Detection, out: Output) => boolean;
  /** What it writes, when that is the same for every detection; empty when it never writes anything. */
  readonly constant?: Buffer;
  /** Facts of which one must be present, else the value is absent; unknown when undefined. */
  readonly needs?: readonly string[];
  /** The path whose value is written as `putValue` does, when that is all there is to it. */
  readonly path?: string;
}

/** Roots whose value is written as it is: what is kept is kept whole. */
const VERBATIM = new Set(['payload', 'unmapped', 'failure_data']);

/** A member of the payload, which may be anything. */
const MEMBER = 'payload.';

/** Facts whose lists and objects are made once per kind, not per detection: their bytes are remembered. */
const SHARED = new Set(['threat', 'event']);

/** Compiles one of the language's three forms: a literal, `$path`, `{ from, as, map, default }`. */
export function compileRule(rule: Rule): ValueWriter {
  if (typeof rule === 'string' && rule.startsWith('$')) return compilePath(rule.slice(1));
  if (typeof rule !== 'object' || Array.isArray(rule)) return constant(rule);
  const froms = Array.isArray(rule.from) ? rule.from : [rule.from];
  const getters = froms.map(reader);
  const convert = rule.as === undefined ? (value: unknown) => value : CONVERSIONS[rule.as];
  const table = rule.map === undefined ? undefined : new Map(Object.entries(rule.map));
  const fallback = rule.default;
  return {
    ...(fallback === undefined ? { needs: froms.map(rootOf) } : {}),
    put: (detection, out) => {
      for (const get of getters) {
        const value = convert(get(detection));
        if (putValue(out, table === undefined ? value : table.get(scalarText(value) ?? ''))) return true;
      }
      return fallback !== undefined && putValue(out, fallback);
    },
  };
}

function compilePath(path: string): ValueWriter {
  const get = reader(path);
  const needs = [rootOf(path)];
  if (VERBATIM.has(path)) {
    return {
      needs,
      put: (detection, out) => {
        const value = get(detection);
        if (value === undefined) return false;
        putVerbatim(out, value as Json);
        return true;
      },
    };
  }
  if (SHARED.has(rootOf(path))) return { needs, put: (detection, out) => putShared(out, get(detection)) };
  const put: ValueWriter['put'] = (detection, out) => putValue(out, get(detection));
  return path.startsWith(MEMBER) ? { needs, put } : { needs, path, put };
}

/** Of a member only what a field can hold: an object where a text should be makes Elasticsearch refuse the document. */
function reader(path: string): Getter {
  const get = getter(path);
  if (!path.startsWith(MEMBER)) return get;
  return (detection) => {
    const value = get(detection);
    return isPlain(value) ? cutTexts(value) : undefined;
  };
}

const SHARED_BYTES = new WeakMap<object, Buffer>();

function putShared(out: Output, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return putValue(out, value);
  const known = SHARED_BYTES.get(value);
  if (known !== undefined) {
    putBytes(out, known);
    return true;
  }
  const start = out.at;
  if (!putValue(out, value)) return false;
  SHARED_BYTES.set(value, since(out, start));
  return true;
}

/** A value that is the same for every detection. */
export function constant(value: unknown): ValueWriter {
  const bytes = Buffer.from(serialise(value) ?? '');
  return {
    constant: bytes,
    put: (_, out) => {
      putBytes(out, bytes);
      return bytes.length > 0;
    },
  };
}
