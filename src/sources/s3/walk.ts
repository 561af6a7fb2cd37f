import type { ObjectRef } from '../objects/object.ts';
import { compareKeys } from './key-order.ts';
import { type Dating, dateFolder, type Period, periodOf, type Template } from './template.ts';

/** A page of a listing, its parts in key order. */
export interface Page {
  readonly objects: readonly ObjectRef[];
  /** Prefixes that end at the delimiter. */
  readonly folders: readonly string[];
  /** Token of the next page. */
  readonly next: string | undefined;
}

export interface PageRequest {
  readonly prefix: string;
  /** True stops at each `/`. */
  readonly folders: boolean;
  readonly token: string | undefined;
}

export type GetPage = (request: PageRequest) => Promise<Page>;

/**
 * Lists the objects of one prefix in key order, some at a time. Folders are found by listing, never guessed: one whose
 * name the template reads as a time is entered when `lists` says so, any other always.
 */
export function walk(
  template: Template,
  lists: (period: Period) => boolean,
  getPage: GetPage,
): AsyncGenerator<readonly ObjectRef[], void, undefined> {
  return walkLevel(template.root, 0, {});

  async function* walkLevel(
    prefix: string,
    depth: number,
    known: Dating,
  ): AsyncGenerator<readonly ObjectRef[]> {
    const segment = template.segments[depth];
    if (segment === undefined) {
      yield* walkAll(depth === 0 ? prefix : prefix + template.tail);
      return;
    }
    if ('name' in segment) {
      yield* walkLevel(`${prefix}${segment.name}/`, depth + 1, known);
      return;
    }
    for await (const { objects, folders } of pages(prefix, true)) {
      for (const item of merged(objects, folders)) {
        if (typeof item !== 'string') {
          yield [item];
          continue;
        }
        const dating = dateFolder(segment, item.slice(prefix.length, -1), known);
        if (dating === undefined) {
          yield* walkAll(item);
          continue;
        }
        const period = periodOf(dating);
        if (period === undefined || lists(period)) yield* walkLevel(item, depth + 1, dating);
      }
    }
  }

  async function* walkAll(prefix: string): AsyncGenerator<readonly ObjectRef[]> {
    for await (const { objects } of pages(prefix, false)) yield objects;
  }

  async function* pages(prefix: string, folders: boolean): AsyncGenerator<Page> {
    let token: string | undefined;
    do {
      const page = await getPage({ prefix, folders, token });
      yield page;
      token = page.next;
    } while (token !== undefined);
  }
}

/** Objects and folders of a page in one order, which is that of the keys below them. */
function merged(objects: readonly ObjectRef[], folders: readonly string[]): (ObjectRef | string)[] {
  const keyOf = (item: ObjectRef | string): string => (typeof item === 'string' ? item : item.key);
  return [...objects, ...folders].sort((a, b) => compareKeys(keyOf(a), keyOf(b)));
}
