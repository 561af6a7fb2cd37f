import type { Detection } from '../../detections/detection.ts';
import { compile } from '../generated.ts';
import { type Emitted, emitBranch, emitDocument, emitValues } from './emit.ts';
import type { Output } from './output.ts';
import { type Branch, signatures } from './tree.ts';

/** Writes the members of a detection that are present. */
export type Put = (detection: Detection, out: Output) => void;

/**
 * Makes a compiler of trees. The branches directly below a root, and groups of the values there, are separate
 * functions, and equal ones share one: kinds have most of their mapping in common, and several copies of that code
 * would take long to be optimized and would not fit in the processor's caches.
 */
export function treeCompiler(): (tree: Branch) => Put {
  const made = new Map<string, Put>();
  const signatureOf = signatures();

  /** The function for a branch; `is` distinguishes branches with the same members. */
  const once = (is: string, branch: Branch, emit: () => Emitted): Put => {
    const signature = `${is} ${signatureOf(branch)}`;
    const put = made.get(signature) ?? compileSource(emit());
    made.set(signature, put);
    return put;
  };

  const part = (text: string, branch: Branch): Put =>
    text === ''
      ? once('values', branch, () => emitValues(branch))
      : once(text, branch, () => emitBranch(text, branch));

  return (tree) => once('document', tree, () => emitDocument(tree, part));
}

function compileSource({ body, names }: Emitted): Put {
  return compile(['detection', 'out'], body, names) as Put;
}
