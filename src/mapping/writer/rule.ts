import type { Json } from '../../contracts/types.ts';
import type { Detection } from '../../detections/detection.ts';
import { isPlain } from '../../detections/scalars.ts';
import { cutTexts } from '../../detections/short-texts.ts';
import type { Rule } from '../language.ts';
import { type Getter, getter, rootOf } from '../path.ts';
import { scalarText } from '../scalar.ts';
import { CONVERSIONS } from './conversions.ts';
import { type Output, putBytes, since } from './output.ts';
import { putValue, serialize } from './value.ts';
import { putVerbatim } from './verbatim.ts';

/** A compiled rule: writes its value for a detection as JSON; returns false and writes nothing if there is none. */
export interface ValueWriter {
  readonly put: (detection: Detection, out: Output) => boolean;
  /** What it writes, if that is the same for every detection; empty if it never writes anything. */
  readonly constant?: Buffer;
  /** If all of these facts are absent, so is the value; undefined if that is not known. */
  readonly needs?: readonly string[];
  /** The path, if the rule only passes its value to `putValue`. */
  readonly path?: string;
}

/** Roots whose value is written unchanged, because it is kept whole. */
const VERBATIM = new Set(['payload', 'unmapped', 'failure_data']);

/** A member of the payload, which may be anything. */
const MEMBER = 'payload.';

/** Facts whose lists and objects are created once per kind, not per detection: their bytes are cached. */
const SHARED = new Set(['threat', 'event']);

/** Compiles one of the three forms of a rule: a literal, `$path`, `{ from, as, map, default }`. */
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

/**
 * Passes only payload members that a field can hold: for an object in place of text, Elasticsearch refuses the
 * document.
 */
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
  const bytes = Buffer.from(serialize(value) ?? '');
  return {
    constant: bytes,
    put: (_, out) => {
      putBytes(out, bytes);
      return bytes.length > 0;
    },
  };
}
