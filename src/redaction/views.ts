/** A text as the program that runs it would see it, and where each of its characters is in the original text. */
export interface View {
  readonly text: string;
  /** The index in the original of each character, and of the end. */
  readonly origin: (at: number) => number;
}

/** Invisible characters. */
const INVISIBLE = /[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]/;
const JSON_ESCAPE = /\\(?:u00[0-9a-f]{2}|u(?:200[b-f]|206[0-4]|feff|00ad)|\/|[nrt])/i;
const PERCENT = /%[0-9a-f]{2}/i;

/** Every other way to read a text; nearly all texts have none. */
export function viewsOf(text: string): readonly View[] {
  const views: View[] = [];
  let view: View = { text, origin: (at) => at };
  const add = (pattern: RegExp, read: (match: string) => string): void => {
    if (!pattern.test(view.text)) return;
    view = rewritten(view, new RegExp(pattern.source, 'gi'), read);
    views.push(view);
  };
  add(JSON_ESCAPE, unescaped);
  add(INVISIBLE, () => '');
  add(PERCENT, decoded);
  if (view !== undefined && views.length > 0) add(PERCENT, decoded);
  return views;
}

/** Whether a text has any such views. */
export function hasViews(text: string): boolean {
  return (
    (text.includes('%') && PERCENT.test(text)) ||
    (text.includes('\\') && JSON_ESCAPE.test(text)) ||
    // This check is native code, and nearly all text is ASCII.
    (Buffer.byteLength(text) !== text.length && INVISIBLE.test(text))
  );
}

function unescaped(match: string): string {
  const kind = match[1];
  if (kind === 'n') return '\n';
  if (kind === 'r') return '\r';
  if (kind === 't') return '\t';
  if (kind === '/') return '/';
  const character = String.fromCharCode(Number.parseInt(match.slice(2), 16));
  // These would end the string they are in.
  return character === '"' || character === '\\' ? match : character;
}

function decoded(match: string): string {
  return String.fromCharCode(Number.parseInt(match.slice(1), 16));
}

function rewritten(view: View, pattern: RegExp, read: (match: string) => string): View {
  let text = '';
  let copied = 0;
  const places: number[] = [];
  const copy = (to: number): void => {
    for (let at = copied; at < to; at += 1) places.push(view.origin(at));
    text += view.text.slice(copied, to);
  };
  for (const { index, 0: match } of view.text.matchAll(pattern)) {
    copy(index);
    const made = read(match);
    for (let at = 0; at < made.length; at += 1)
      places.push(view.origin(index + Math.min(at, match.length - 1)));
    text += made;
    copied = index + match.length;
  }
  copy(view.text.length);
  const end = view.origin(view.text.length);
  return { text, origin: (at) => places[at] ?? end };
}
