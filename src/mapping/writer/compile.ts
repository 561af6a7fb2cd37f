import type { Detection } from '../../detections/detection.ts';
import { compile } from '../generated.ts';
import { type Emitted, emitBranch, emitDocument } from './emit.ts';
import type { Output } from './output.ts';
import { type Branch, signatures } from './tree.ts';

/** Writes a detection's members that are present. */
export type Put = (detection: Detection, out: Output) => void;

/**
 * Makes a compiler of trees. The branches right below a root are functions of their own, and trees and branches that are
 * the same share one: most of what kinds map they have in common, and that code several times over would neither be
 * optimised soon nor stay in the processor's caches.
 */
export function treeCompiler(): (tree: Branch) => Put {
  const made = new Map<string, Put>();
  const signatureOf = signatures();

  /** The function for a branch whose key is in `text`, which is empty for a root. */
  const once = (text: string, branch: Branch, emit: () => Emitted): Put => {
    const signature = `${text}${signatureOf(branch)}`;
    const put = made.get(signature) ?? compileSource(emit());
    made.set(signature, put);
    return put;
  };

  const part = (text: string, branch: Branch): Put => once(text, branch, () => emitBranch(text, branch));

  return (tree) => once('', tree, () => emitDocument(tree, part));
}

function compileSource({ body, names }: Emitted): Put {
  return compile(['detection', 'out'], body, names) as Put;
}
