import type { FarEnd } from './authority.ts';
import { type CallPlace, placesOf } from './connecting.ts';

/** Code in which a language runs a shell or hands it a connection. */
const SPAWNS =
  /dup2|\bpty\b|subprocess|popen|proc_open|child_process|spawn|exec|\bsystem\b|passthru|fdopen|getline|invoke-expression|\biex\b|\bcmd\b|\/bin\/\w{0,3}sh\b|\b(?:ba|z|k|da)?sh\b/i;

/** Names of connections whose input and output a script uses: `s.fileno()`, `c.pipe(…)`, `fdopen($c`, `">&S"`. */
const TAKEN = /(\w{1,40})\.(?:fileno|pipe|makefile|GetStream)\b|(?:fdopen\(|[<>]&)\s{0,8}\$?(\w{1,40})/g;
/** How far before a call to look for the name of its connection. */
const BEFORE_CALL = 100;
const NAMED_BY = /(\w{1,40})(?:\.|->|:)$|(\w{1,40})\s{0,8}=\s{0,8}[\w.:\\>\-\s]{0,40}$/;

/** Whole-line comments, including a first line that follows its program's flag. */
const COMMENT = /(^(?:-\w{1,20}[ \t]{1,8})?|\n)[ \t]{0,80}(?:#|\/\/)[^\n]*/g;

/** First those whose connection a shell is given, then the last one before the shell, then the others. */
function inOrder(
  places: readonly CallPlace[],
  spawn: number | undefined,
  code: string,
): readonly CallPlace[] {
  if (spawn === undefined || places.length < 2) return places;
  const taken = new Set([...code.matchAll(TAKEN)].map(([, one, other]) => one ?? other));
  const named = places.filter(({ at }) => {
    const [, one, other] = NAMED_BY.exec(code.slice(Math.max(0, at - BEFORE_CALL), at)) ?? [];
    return taken.has(one ?? other);
  });
  const last = places.findLast(({ at }) => at < spawn);
  return [...named, ...(last === undefined ? [] : [last]), ...places];
}

/** The far ends named by a script in another language, the likeliest first, and whether it runs something. */
export function farEndsOf(
  script: string,
  variables: ReadonlyMap<string, string>,
): { readonly farEnds: readonly FarEnd[]; readonly spawns: boolean } {
  const code = script.replace(COMMENT, '$1');
  const spawn = SPAWNS.exec(code)?.index;
  const places = inOrder(placesOf(code, variables), spawn, code);
  return { farEnds: places.map(({ farEnd }) => farEnd), spawns: spawn !== undefined };
}
