import { createHash } from 'node:crypto';
import { UnavailableError } from '../../contracts/errors.ts';
import { BrokenListError, followPages, type Turn } from '../../io/paging.ts';
import type { ObjectRef } from '../../objects/object.ts';
import { printable } from '../../text/printable.ts';
import { compareKeys } from './key-order.ts';
import { type Dating, dateFolder, type Period, periodOf, type Template } from './template.ts';

/** A page of a listing, its parts in key order. */
export interface Page {
  readonly objects: readonly ObjectRef[];
  /** Prefixes that end at the delimiter. */
  readonly folders: readonly string[];
  /** Entries without a key that can be read. What they stand for is not in this page. */
  readonly unnamed: number;
  /** Whether the server says that there is more. */
  readonly more: boolean | undefined;
  /** Of the next page. */
  readonly token: string | undefined;
}

export interface PageRequest {
  readonly prefix: string;
  /** True stops at each `/`. */
  readonly folders: boolean;
  readonly token: string | undefined;
}

/** What was listed is not everything there is: no sweep may count as complete. */
export class IncompleteListingError extends UnavailableError {}

export type GetPage = (request: PageRequest) => Promise<Page>;

/**
 * Lists the objects of one prefix in key order, some at a time. Folders are found by listing, never guessed: one whose
 * name the template reads as a time is entered when `lists` says so, any other always. Throws `IncompleteListingError` when the
 * server does not lead to the end of a listing, and behind everything else when entries had no key: what was listed is
 * then not everything.
 */
export function walk(
  template: Template,
  lists: (period: Period) => boolean,
  getPage: GetPage,
): AsyncGenerator<readonly ObjectRef[], void, undefined> {
  let unnamed = 0;
  return walkPrefix();

  async function* walkPrefix(): AsyncGenerator<readonly ObjectRef[]> {
    yield* walkLevel(template.root, 0, {});
    if (unnamed > 0)
      throw new IncompleteListingError(
        `list ${printable(template.root)}: ${unnamed} entries of the server have no readable key`,
      );
  }

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
    const follow = followPages();
    let token: string | undefined;
    do {
      const page = await getPage({ prefix, folders, token });
      unnamed += page.unnamed;
      yield page;
      try {
        token = follow(turnOf(page));
      } catch (error) {
        if (!(error instanceof BrokenListError)) throw error;
        throw new IncompleteListingError(
          `list ${printable(prefix)}: the server does not lead to the end: ${error.message}`,
          {
            cause: error,
          },
        );
      }
    } while (token !== undefined);
  }
}

function turnOf({ objects, folders, unnamed, more, token }: Page): Turn {
  const items = objects.length + folders.length + unnamed;
  if (more === false) return { more, token, items, content: '' };
  const content = createHash('sha256');
  for (const { key, version } of objects) content.update(`${key}\0${version}\0`);
  for (const folder of folders) content.update(`${folder}\0`);
  return { more, token, items, content: content.digest('base64') };
}

/** Objects and folders of a page in one order, which is that of the keys below them. */
function merged(objects: readonly ObjectRef[], folders: readonly string[]): (ObjectRef | string)[] {
  const keyOf = (item: ObjectRef | string): string => (typeof item === 'string' ? item : item.key);
  return [...objects, ...folders].sort((a, b) => compareKeys(keyOf(a), keyOf(b)));
}
