import type { Detection } from '../../detections/detection.ts';
import type { Fields, Rule } from '../language.ts';
import { type Put, treeCompiler } from './compile.ts';
import { compileExtra, type Extra } from './extra.ts';
import { take } from './output.ts';
import { createPages, type Pages } from './pages.ts';
import { compileRule, type ValueWriter } from './rule.ts';
import { type Branch, insert } from './tree.ts';

export type { Extra, Pages };

/** One detection as the JSON of an object; empty when nothing of it is present. */
export type Writer = (detection: Detection) => Buffer;

/** Values that no YAML can write, by field name: reason, tags, labels, the original text. */
export type Extras = Readonly<Record<string, Extra>>;

/** The writers of one run, and the memory that all of them write into. */
export interface Writers extends Pages {
  /**
   * Turns dotted field names into a function that writes nested JSON. Fields come out in the order given, extras last. What
   * several writers have in common is compiled once. A field that is a value and an object at once is a ConfigError.
   */
  compile(fields: Fields, extras?: Extras): Writer;
}

/** The door of the generated code: README.md beside this file tells why it is generated, and how. */
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
      // Wrong mappings are found now; code is made only for the kinds that come.
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
