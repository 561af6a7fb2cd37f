import * as z from 'zod';
import type { Context } from '../contracts/component.ts';
import type { Place } from '../contracts/place.ts';
import type { Finding } from '../contracts/types.ts';
import { type FileStateOptions, fileStateSchema } from './file-options.ts';
import { type S3StateOptions, s3StateSchema } from './s3-options.ts';
import type { Store, StoreUse } from './store.ts';

/** One kind of store. `open` loads its code, so that the SDK is only loaded when it is used. */
interface StoreComponent<Options> {
  readonly schema: z.ZodType<Options>;
  /** Throws `ConfigError` or `UnavailableError` as the store's first call would. */
  open(options: Options, context: Context, use: StoreUse): Promise<Store>;
  /** Where it writes. */
  place(options: Options): Place;
  /** A separate location in the same store that no checkpoint can reach. */
  beside(options: Options, name: string): Options;
  /** The folders it would create, deepest first. */
  folders(options: Options): Promise<string[]>;
}

const file = {
  schema: fileStateSchema,
  async open(options, context, use) {
    const { createFileStore } = await import('./file.ts');
    return createFileStore(options, context, use);
  },
  place: ({ path }) => ({ option: 'path', path }),
  beside: (options, name) => ({ ...options, path: `${options.path}/${name}` }),
  async folders(options) {
    const { missingFoldersOf } = await import('./file.ts');
    return missingFoldersOf(options);
  },
} satisfies StoreComponent<FileStateOptions>;

const s3 = {
  schema: s3StateSchema,
  async open(options, context) {
    const { createS3Store } = await import('./s3.ts');
    return createS3Store(options, context);
  },
  place: ({ bucket, endpoint, prefix }) => ({ option: 'prefix', bucket, endpoint, prefixes: [`${prefix}/`] }),
  beside: (options, name) => ({ ...options, prefix: `${options.prefix}/${name}` }),
  folders: async () => [],
} satisfies StoreComponent<S3StateOptions>;

/** The registry of stores, by the `type` of their options: where checkpoints, leases and dead letters can be kept. */
const STORES = { file, s3 };

type StateSchema = (typeof STORES)[keyof typeof STORES]['schema'];

export const stateSchema = z.discriminatedUnion(
  'type',
  Object.values(STORES).map(({ schema }) => schema) as [StateSchema, ...StateSchema[]],
);

export type StateOptions = z.output<typeof stateSchema>;

/** Each store gets options of its own type, because the type is the key. */
function componentOf(options: StateOptions): StoreComponent<StateOptions> {
  return STORES[options.type];
}

/**
 * Opens the store that a configuration names. Throws `ConfigError` or `UnavailableError` as the store's first call
 * would.
 */
export function openStore(options: StateOptions, context: Context, use: StoreUse = 'write'): Promise<Store> {
  return componentOf(options).open(options, context, use);
}

/** Where a store writes. */
export function placeOfStore(options: StateOptions): Place {
  return componentOf(options).place(options);
}

/** The options of a separate store next to another. */
export function besideStore(options: StateOptions, name: string): StateOptions {
  return componentOf(options).beside(options, name);
}

/**
 * Checks a store with harmless round trips, yielding one finding each, and then runs `further` if all went well. Leaves
 * nothing behind.
 */
export async function* examineStore(
  options: StateOptions,
  context: Context,
  further?: () => AsyncIterable<Finding>,
): AsyncIterable<Finding> {
  const { checkStore } = await import('./doctor.ts');
  const { removeEmpty } = await import('./unmade.ts');
  const made = await componentOf(options).folders(options);
  let failed = false;
  try {
    for await (const finding of checkStore(() => openStore(options, context))) {
      failed ||= finding.status === 'failed';
      yield finding;
    }
    if (!failed && further !== undefined) yield* further();
  } finally {
    await removeEmpty(made);
  }
}
