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
  /** Entries without a readable key. The objects they represent are missing from this page. */
  readonly unnamed: number;
  /** Whether the server says that there are more pages. */
  readonly more: boolean | undefined;
  /** For the next page. */
  readonly token: string | undefined;
}

export interface PageRequest {
  readonly prefix: string;
  /** True: stop at each `/`. */
  readonly folders: boolean;
  readonly token: string | undefined;
}

/** The listing was incomplete, so no sweep may count as complete. */
export class IncompleteListingError extends UnavailableError {}

export type GetPage = (request: PageRequest) => Promise<Page>;

/**
 * Lists the objects of one prefix in key order, several at a time. Folders are found by listing, never guessed: a
 * folder whose name the template reads as a time is entered if `lists` says so, any other always. Throws
 * `IncompleteListingError` if the server does not give the whole list, and, after everything else, if
 * entries had no key: the listing is then incomplete.
 */
export function walk(
  bucket: string,
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
        `list s3://${bucket}/${printable(template.root)}: ${unnamed} entries from the server have no readable key`,
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
          `list s3://${bucket}/${printable(prefix)}: the server does not give the whole list: ${error.message}`,
          { cause: error },
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

/** Objects and folders of a page, merged in the order of the keys in them. */
function merged(objects: readonly ObjectRef[], folders: readonly string[]): (ObjectRef | string)[] {
  const keyOf = (item: ObjectRef | string): string => (typeof item === 'string' ? item : item.key);
  return [...objects, ...folders].sort((a, b) => compareKeys(keyOf(a), keyOf(b)));
}
