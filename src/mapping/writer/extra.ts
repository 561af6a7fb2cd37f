import type { Json } from '../../contracts/types.ts';
import type { Detection } from '../../detections/detection.ts';
import { constant, type ValueWriter } from './rule.ts';
import { putString } from './scalars.ts';
import { putVerbatim, verbatim } from './verbatim.ts';

/** A value that is made by code and not by a rule. */
export type Extra =
  /** The same for every detection; absent when it says nothing. */
  | { readonly constant: Json }
  /** One of two that never change. */
  | {
      readonly when: (detection: Detection) => boolean;
      readonly constant: Json;
      readonly otherwise: Json;
    }
  /** A text, or absent. */
  | { readonly text: (detection: Detection) => string | undefined }
  /** Kept whole, nothings included. */
  | { readonly verbatim: (detection: Detection) => Json }
  /** The same as the text of its JSON. */
  | { readonly original: (detection: Detection) => Json };

export function compileExtra(extra: Extra): ValueWriter {
  if ('when' in extra) return eitherOf(extra);
  if ('constant' in extra) return constant(extra.constant);
  if ('text' in extra) {
    return {
      put: (detection, out) => {
        const text = extra.text(detection);
        if (text !== undefined) putString(out, text);
        return text !== undefined;
      },
    };
  }
  if ('verbatim' in extra) {
    return {
      put: (detection, out) => {
        putVerbatim(out, extra.verbatim(detection));
        return true;
      },
    };
  }
  return {
    put: (detection, out) => {
      putString(out, verbatim(extra.original(detection)));
      return true;
    },
  };
}

function eitherOf({ when, constant: one, otherwise }: Extract<Extra, { when: unknown }>): ValueWriter {
  const first = constant(one);
  const second = constant(otherwise);
  return { put: (detection, out) => (when(detection) ? first : second).put(detection, out) };
}
