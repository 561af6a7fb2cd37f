import type { Detection } from '../../detections/detection.ts';
import type { Fields, Rule } from '../language.ts';
import { type Put, treeCompiler } from './compile.ts';
import { compileExtra, type Extra } from './extra.ts';
import { take } from './output.ts';
import { createPages, type Pages } from './pages.ts';
import { compileRule, type ValueWriter } from './rule.ts';
import { type Branch, insert } from './tree.ts';

export type { Extra, Pages };

/** One detection as the JSON of an object; empty if none of its fields is present. */
export type Writer = (detection: Detection) => Buffer;

/** Values that YAML cannot express, by field name: reason, tags, labels, the original text. */
export type Extras = Readonly<Record<string, Extra>>;

/** The writers of a run, and the memory that they all write into. */
export interface Writers extends Pages {
  /**
   * Turns dotted field names into a function that writes nested JSON. Fields are written in the given order, extras
   * last. Parts that several writers have in common are compiled once. A field that is both a value and an object
   * is a ConfigError.
   */
  compile(fields: Fields, extras?: Extras): Writer;
}

/** The entry point to the generated code. README.md in this folder explains why it is generated, and how. */
export function createWriters(): Writers {
  const pages = createPages();
  const known = new Map<Rule | Extra, ValueWriter>();
  const compileTree = treeCompiler();

  const once = <T extends Rule | Extra>(what: T, compile: (what: T) => ValueWriter): ValueWriter => {
    const value = known.get(what) ?? compile(what);
    known.set(what, value);
    return value;
  };

  return {
    open: () => pages.open(),
    compile(fields, extras = {}) {
      const root: Branch = { members: new Map() };
      for (const [name, rule] of Object.entries(fields)) insert(root, name, once(rule, compileRule));
      for (const [name, extra] of Object.entries(extras)) insert(root, name, once(extra, compileExtra));
      // Bad mappings are reported now; code is generated only for the kinds that occur.
      let put: Put | undefined;
      return (detection) => {
        put ??= compileTree(root);
        const out = pages.out();
        put(detection, out);
        return take(out);
      };
    },
  };
}
