import { createAutomaton } from './automaton.ts';
import { encodedRange, readings, someEncoded } from './encoded.ts';
import { createKeyFinder, matchEnd, mayName, nameAround, secretsOf } from './named.ts';
import { NAME_PARTS } from './names.ts';
import {
  BUNDLED_FLAGS,
  beginOfBundle,
  createFlagSuspicion,
  createProgramFinder,
  PROGRAM_FLAGS,
} from './programs.ts';
import type { Shape } from './rule.ts';
import { SHAPES } from './shapes/index.ts';
import type { Span } from './span.ts';
import { createUserinfoFinder } from './userinfo.ts';
import { hasViews, viewsOf } from './views.ts';

/** How to read a text. */
export interface Reading {
  /** The text may end in the middle of a secret. */
  readonly cut: boolean;
  /** Read as is, neither decoded nor unescaped. */
  readonly plain: boolean;
}

/** Finds secrets in texts, in time proportional to their length. */
export interface SecretFinder {
  spansOf(text: string, reading: Reading): readonly Span[];
  /**
   * Whether raw JSON may contain a secret. If this says no, no value in it would be changed, neither because of its
   * text nor because of its name.
   */
  mayHold(raw: string): boolean;
}

/** What comes before a host, in a URL with or without a scheme. */
const SCHEME = '//';
/** No real secret is longer than this, so a longer truncated end is not one. */
const LONGEST_CUT = 4_096;
const CUT_TAIL = /[\w.~+/=@:-]*$/y;

interface Manner {
  readonly cut: boolean;
  /** This is JSON that is only being checked: names need not have their values next to them. */
  readonly raw: boolean;
}
const AS_TEXT: Manner = { cut: false, raw: false };
const AS_RAW: Manner = { cut: false, raw: true };

type Use =
  | { readonly is: 'shape'; readonly shape: Shape; readonly begin: string }
  | { readonly is: 'name' | 'flag' | 'bundle' | 'scheme' };

/** `extra`: further names whose values are secrets, in lower case. */
export function createSecretFinder(extra: ReadonlySet<string>): SecretFinder {
  const uses = usesOf(extra);
  const words = [...uses.keys()];
  const usesByWord = words.map((word) => uses.get(word) ?? []);
  const automaton = createAutomaton(words);

  /** Calls `found` with each secret, in no particular order, until it returns true. */
  const walk = (text: string, { cut, raw }: Manner, found: (span: Span) => boolean): boolean => {
    // Created on demand: nearly every record needs none.
    let userinfoAt: ReturnType<typeof createUserinfoFinder> | undefined;
    let flagAt: ReturnType<typeof createProgramFinder> | undefined;
    let mayHoldFlag: ReturnType<typeof createFlagSuspicion> | undefined;
    /** Up to this index, the rule has consumed the text, or starting again cannot succeed. */
    let dead: Map<Shape, number> | undefined;
    let keyAt: ReturnType<typeof createKeyFinder> | undefined;
    let nameEnd = 0;

    const inShape = (use: Extract<Use, { is: 'shape' }>, from: number): boolean => {
      const { shape, begin } = use;
      const start = from - (shape.lead ?? 0);
      if (start < 0 || (!shape.shape.ignoreCase && !text.startsWith(begin, from))) return false;
      if (from < (dead?.get(shape) ?? 0)) return false;
      dead ??= new Map();
      let end = matchEnd(shape.shape, text, start);
      if (end === -1 && cut && text.length - from < LONGEST_CUT && text.startsWith(begin, from)) {
        end = matchEnd(CUT_TAIL, text, from + begin.length);
        if (end === from + begin.length) end = -1;
      }
      if (end === -1) {
        if (shape.run !== undefined) dead.set(shape, matchEnd(shape.run, text, from));
        return false;
      }
      dead.set(shape, end);
      return found({ from: shape.keeps === true ? from + begin.length : start, to: end, rule: shape.name });
    };

    return automaton.scan(text, (number, end) => {
      const from = end - (words[number]?.length ?? 0);
      for (const use of usesByWord[number] ?? []) {
        if (use.is === 'shape') {
          if (inShape(use, from)) return true;
        } else if (use.is === 'name') {
          if (from < nameEnd) continue;
          const name = nameAround(text, from);
          nameEnd = name.to;
          if (raw && (mayName(text, name, extra) || (keyAt ??= createKeyFinder(text, extra))(from)))
            return true;
          const { spans, end: eaten } = secretsOf(text, name, extra);
          nameEnd = Math.max(nameEnd, eaten);
          if (spans.some(found)) return true;
        } else {
          const flag = use.is === 'bundle' ? beginOfBundle(text, from) : from + 1;
          if (flag === -1) continue;
          // In a list, the program may be any earlier word.
          if (raw && use.is !== 'scheme') {
            if ((mayHoldFlag ??= createFlagSuspicion(text))(flag)) return true;
            continue;
          }
          const span =
            use.is !== 'scheme'
              ? (flagAt ??= createProgramFinder(text))(flag)
              : (userinfoAt ??= createUserinfoFinder(text, cut))(end);
          if (span !== undefined && found(span)) return true;
        }
      }
      return false;
    });
  };

  const encoded = (text: string, found: (span: Span) => boolean): boolean =>
    someEncoded(text, (run) =>
      readings(run, text).some((reading) =>
        walk(reading.text, AS_TEXT, ({ from, to, rule }) => {
          const [begin, end] = encodedRange(from, to);
          return found({ from: reading.from + begin, to: Math.min(reading.from + end, run.to), rule });
        }),
      ),
    );

  return {
    spansOf(text, { cut, plain }) {
      const spans: Span[] = [];
      const take = (span: Span): boolean => {
        if (span.to > span.from) spans.push(span);
        return false;
      };
      walk(text, { cut, raw: false }, take);
      encoded(text, take);
      if (plain || !hasViews(text)) return spans;
      for (const view of viewsOf(text)) {
        const inView = ({ from, to, rule }: Span): boolean =>
          take({ from: view.origin(from), to: to >= view.text.length ? text.length : view.origin(to), rule });
        walk(view.text, { cut, raw: false }, inView);
        encoded(view.text, inView);
      }
      return spans;
    },
    mayHold: (raw) => walk(raw, AS_RAW, always) || encoded(raw, always),
  };
}

function always(): boolean {
  return true;
}

/** What to do when a word is found; some words have several uses. */
function usesOf(extra: ReadonlySet<string>): ReadonlyMap<string, readonly Use[]> {
  const uses = new Map<string, Use[]>();
  const add = (word: string, use: Use): void => {
    const key = word.toLowerCase();
    uses.set(key, [...(uses.get(key) ?? []), use]);
  };
  for (const shape of SHAPES) for (const begin of shape.begins) add(begin, { is: 'shape', shape, begin });
  for (const part of new Set([...NAME_PARTS, ...extra])) add(part, { is: 'name' });
  for (const flag of PROGRAM_FLAGS) add(flag, { is: 'flag' });
  for (const flag of BUNDLED_FLAGS) add(flag, { is: 'bundle' });
  add(SCHEME, { is: 'scheme' });
  return uses;
}
