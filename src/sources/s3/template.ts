import { DAY_MS } from '../../contracts/units.ts';
/** The date in a folder's name; each field only if the name contains it. */
export interface Dating {
  readonly year?: number;
  readonly month?: number;
  readonly day?: number;
  readonly hour?: number;
}

/** A half-open period in epoch milliseconds, UTC. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

type Field = keyof Dating;

/** One level of folders: a fixed name, or a pattern and what its groups mean. */
export type Segment =
  | { readonly name: string }
  | { readonly pattern: RegExp; readonly fields: readonly (Field | undefined)[] };

/** A prefix as configured. A plain one consists only of `root`. */
export interface Template {
  /** Everything before the first variable folder. */
  readonly root: string;
  readonly segments: readonly Segment[];
  /** What names inside the last folder start with. */
  readonly tail: string;
}

const MONTHS = 'january february march april may june july august september october november december'.split(
  ' ',
);
const ACTION = /\{\{(.*?)\}\}/g;

/**
 * Parses a prefix in the form of the vendor's console, a Go template: `detections/{{.Year}}/{{.Month}}/`. Year,
 * Month, Day and Hour are recognized, alone or through a formatting function; any other variable matches any text.
 * Throws if the braces do not pair.
 */
export function parseTemplate(text: string): Template {
  if (/\{\{|\}\}/.test(text.replaceAll(ACTION, ''))) throw new Error('unpaired {{ or }}');
  const levels = splitOutsideActions(text);
  const tail = levels.at(-1)?.includes('{{') ? '' : (levels.pop() ?? '');
  const first = levels.findIndex((level) => level.includes('{{'));
  if (first === -1) return { root: text, segments: [], tail: '' };
  const root = levels.slice(0, first).map((level) => `${level}/`);
  const variable = levels.slice(first);
  // A formatting function may do anything with a slash, so from there on everything is listed.
  const unclear = variable.findIndex((level) => level.includes('/'));
  const segments = (unclear === -1 ? variable : variable.slice(0, unclear)).map(parseSegment);
  return { root: root.join(''), segments, tail: unclear === -1 ? tail : '' };
}

function splitOutsideActions(text: string): string[] {
  const levels = [''];
  for (const piece of text.split(/(\{\{.*?\}\}|\/)/)) {
    if (piece === '/') levels.push('');
    else levels[levels.length - 1] += piece;
  }
  return levels;
}

function parseSegment(level: string): Segment {
  if (!level.includes('{{')) return { name: level };
  const fields: (Field | undefined)[] = [];
  const pieces = level.split(/(\{\{.*?\}\})/).filter((piece) => piece !== '');
  const source = pieces.map((piece, i) => {
    if (!piece.startsWith('{{')) return piece.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    const field = dateAction(piece);
    fields.push(field);
    // Adjacent unpadded numbers are ambiguous: 2026111 may be November 1 or January 11.
    const touching = isAction(pieces[i - 1]) || isAction(pieces[i + 1]);
    return `(${patternOf(field, touching)})`;
  });
  return { pattern: new RegExp(`^${source.join('')}$`, 'i'), fields };
}

function isAction(piece: string | undefined): boolean {
  return piece?.startsWith('{{') ?? false;
}

/** The time field of an action such as `{{.Month}}`; undefined if it is not about time. */
export function dateAction(action: string): Field | undefined {
  const name = [...action.matchAll(/\.(\w+)/g)].at(-1)?.[1]?.toLowerCase();
  return name === 'year' || name === 'month' || name === 'day' || name === 'hour' ? name : undefined;
}

function patternOf(field: Field | undefined, touching: boolean): string {
  if (field === undefined) return '.*';
  if (field === 'year') return '\\d{4}';
  const digits = touching ? '\\d{2}' : '\\d{1,2}';
  return field === 'month' ? `${digits}|[a-z]{3,9}` : digits;
}

/**
 * The date known inside a folder whose parent's is `known`; undefined if the folder's name does not fit the
 * segment.
 */
export function dateFolder(segment: Segment, name: string, known: Dating): Dating | undefined {
  if ('name' in segment) return segment.name === name ? known : undefined;
  const match = segment.pattern.exec(name);
  if (match === null) return undefined;
  let dating = known;
  for (const [i, field] of segment.fields.entries()) {
    if (field === undefined) continue;
    const value = numberOf(field, match[i + 1] ?? '');
    if (value === undefined) return undefined;
    dating = { ...dating, [field]: value };
  }
  return dating.year === undefined || periodOf(dating) !== undefined ? dating : undefined;
}

function numberOf(field: Field, text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const month = MONTHS.findIndex(
    (name) => name === text.toLowerCase() || name.slice(0, 3) === text.toLowerCase(),
  );
  return field === 'month' && month !== -1 ? month + 1 : undefined;
}

/** The period of a folder; undefined if its year is unknown or the date does not exist. */
export function periodOf({ year, month, day, hour }: Dating): Period | undefined {
  if (year === undefined) return undefined;
  if (month === undefined) return { from: Date.UTC(year, 0), to: Date.UTC(year + 1, 0) };
  if (month < 1 || month > 12) return undefined;
  if (day === undefined) return { from: Date.UTC(year, month - 1), to: Date.UTC(year, month) };
  const midnight = Date.UTC(year, month - 1, day);
  if (new Date(midnight).getUTCDate() !== day) return undefined;
  if (hour === undefined) return { from: midnight, to: midnight + DAY_MS };
  if (hour > 23) return undefined;
  return { from: midnight + hour * 3_600_000, to: midnight + (hour + 1) * 3_600_000 };
}
