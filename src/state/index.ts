import { z } from 'zod';
import type { Component, Context } from '../contracts/component.ts';
import { checkStore } from './doctor.ts';
import { type FileStateOptions, fileStateSchema, fileStore } from './file.ts';
import { identifyS3State, type S3StateOptions, s3StateSchema } from './s3-options.ts';
import type { Store } from './store.ts';

/** The registry of stores: where checkpoints, leases and dead letters can live. */

const file: Component<FileStateOptions, unknown, Store> = {
  schema: fileStateSchema,
  identify: (options) => `file ${options.path}`,
  create: fileStore,
  async *check(options, context) {
    yield* checkStore(() => fileStore(options, context));
  },
};

const s3: Component<S3StateOptions, unknown, Store> = {
  schema: s3StateSchema,
  identify: identifyS3State,
  create: s3FromOptions,
  async *check(options, context) {
    yield* checkStore(() => s3FromOptions(options, context));
  },
};

/** Loads the SDK only for who uses it. */
async function s3FromOptions(options: S3StateOptions, context: Context): Promise<Store> {
  const { s3Store } = await import('./s3.ts');
  return s3Store(options, context);
}

export const stores = { file, s3 };

export const stateSchema = z.discriminatedUnion('type', [fileStateSchema, s3StateSchema]);

export type StateOptions = z.output<typeof stateSchema>;

/** Opens the store that a configuration names. Throws `ConfigError` or `UnavailableError` as its first call would. */
export async function openStore(options: StateOptions, context: Context): Promise<Store> {
  return options.type === 'file' ? file.create(options, context) : s3.create(options, context);
}
