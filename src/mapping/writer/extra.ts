import type { Json } from '../../contracts/types.ts';
import type { Detection } from '../../detections/detection.ts';
import { constant, type ValueWriter } from './rule.ts';
import { putString } from './scalars.ts';
import { putVerbatim, verbatim } from './verbatim.ts';

/** A value that is computed by code, not by a rule. */
export type Extra =
  /** The same for every detection; absent if it is empty. */
  | { readonly constant: Json }
  /** One of several constants, by index. */
  | { readonly constants: readonly Json[]; readonly which: (detection: Detection) => number }
  /** A text, or absent. */
  | { readonly text: (detection: Detection) => string | undefined }
  /** Kept whole, including empty values. */
  | { readonly verbatim: (detection: Detection) => Json }
  /** The same, as the text of its JSON. */
  | { readonly original: (detection: Detection) => Json };

export function compileExtra(extra: Extra): ValueWriter {
  if ('constants' in extra) return oneOf(extra);
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

function oneOf({ constants, which }: Extract<Extra, { which: unknown }>): ValueWriter {
  const writers = constants.map(constant);
  return { put: (detection, out) => writers[which(detection)]?.put(detection, out) ?? false };
}
