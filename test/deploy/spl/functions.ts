import type { Expression, Outcome } from './expression.ts';
import { formatTime, timeOf } from './time.ts';
import { multivalue, numberOf, textOf, type Value, valuesOf } from './values.ts';

type Eager = (args: readonly Value[]) => Outcome;

/** Functions that see all their arguments. Compiling a call to a function that is not listed here throws. */
const EAGER: Readonly<Record<string, Eager>> = {
  coalesce: (args) => args.find((arg) => arg !== undefined),
  isnull: ([value]) => value === undefined,
  isnotnull: ([value]) => value !== undefined,
  null: () => undefined,
  true: () => true,
  match: ([value, pattern]) =>
    value === undefined ? undefined : new RegExp(textOf(pattern) ?? '').test(textOf(value) ?? ''),
  substr: ([value, from, length]) => {
    const at = Number(from);
    // Counts from one, or from the end.
    const start = at < 0 ? Math.max(0, (textOf(value)?.length ?? 0) + at) : at - 1;
    return textOf(value)?.slice(start, length === undefined ? undefined : start + Number(length));
  },
  len: ([value]) => textOf(value)?.length,
  lower: ([value]) => textOf(value)?.toLowerCase(),
  relative_time: ([value, modifier]) => timeOf(textOf(modifier) ?? '', Number(value)),
  round: ([value, places]) => {
    const number = numberOf(value);
    return number === undefined ? undefined : Number(number.toFixed(Number(places ?? 0)));
  },
  strftime: ([value, format]) => {
    const seconds = numberOf(value);
    return seconds === undefined ? undefined : formatTime(seconds, textOf(format) ?? '');
  },
  mvcount: ([value]) => (value === undefined ? undefined : valuesOf(value).length),
  mvfind: ([value, pattern]) => {
    const at = valuesOf(value).findIndex((one) => new RegExp(textOf(pattern) ?? '').test(one));
    return at < 0 ? undefined : at;
  },
  mvindex: ([value, at]) => valuesOf(value).at(Number(at)),
  mvjoin: ([value, by]) => (value === undefined ? undefined : valuesOf(value).join(textOf(by))),
  mvzip: ([left, right, by]) => {
    const others = valuesOf(right);
    return multivalue(
      valuesOf(left)
        .slice(0, others.length)
        .map((one, at) => `${one}${textOf(by) ?? ','}${others[at]}`),
    );
  },
  split: ([value, by]) =>
    value === undefined ? undefined : multivalue(String(value).split(textOf(by) ?? '')),
};

export function call(name: string, args: readonly Expression[]): Expression {
  if (name === 'now') return (_, now) => now;
  if (name === 'if') return choose([args[0], args[1], () => true, args[2]]);
  if (name === 'case') return choose(args);
  const eager = EAGER[name];
  if (eager === undefined) throw new Error(`unknown function ${name}`);
  return (row, now) => eager(args.map((arg) => arg(row, now) as Value));
}

/** Alternating conditions and values: returns the value of the first condition that is true. */
function choose(args: readonly (Expression | undefined)[]): Expression {
  if (args.length % 2 !== 0 || args.includes(undefined)) throw new Error('a condition without a value');
  return (row, now) => {
    for (let at = 0; at < args.length; at += 2)
      if (args[at]?.(row, now) === true) return args[at + 1]?.(row, now);
    return undefined;
  };
}
