import { memberOf } from './shape.ts';

/** An option that used to have another name. */
export interface Renamed {
  /** Where it is; with `type`, only in a source or sink of that type. */
  readonly section: 'source' | 'sink' | 'mapping' | 'retry' | 'lease';
  readonly type?: string;
  /** Path below the section. */
  readonly old: string;
  readonly now: string;
  /** The section it moved to, if it moved. */
  readonly to?: 'enrichment';
  /** What to write as its value, if the values have changed too. */
  readonly value?: string;
}

const s3 = { section: 'source', type: 's3' } as const;
const api = { section: 'source', type: 'api' } as const;
const elasticsearch = { section: 'sink', type: 'elasticsearch' } as const;
const splunkHec = { section: 'sink', type: 'splunk_hec' } as const;

/** Old names are no longer accepted: a complaint gives the new one. */
export const RENAMED: readonly Renamed[] = [
  { ...s3, old: 'full_list_every', now: 'full_list_interval' },
  { ...s3, old: 'settle', now: 'allowed_lateness' },
  { ...s3, old: 'queue_visibility', now: 'queue_visibility_timeout' },
  { ...api, old: 'base_url', now: 'url' },
  { ...api, old: 'page_size', now: 'page_rows' },
  { ...api, old: 'enrichment', to: 'enrichment', now: 'look_ups', value: 'true, or false' },
  { ...elasticsearch, old: 'nodes', now: 'urls' },
  { ...elasticsearch, old: 'bulk_bytes', now: 'request_bytes' },
  { ...splunkHec, old: 'gzip', now: 'compression', value: 'gzip, or none' },
  { ...splunkHec, old: 'max_batch_bytes', now: 'request_bytes' },
  { ...splunkHec, old: 'max_in_flight', now: 'request_concurrency' },
  { ...splunkHec, old: 'ack_poll', now: 'ack_interval' },
  { section: 'mapping', old: 'dir', now: 'path' },
  { section: 'retry', old: 'initial', now: 'initial_delay' },
  { section: 'lease', old: 'renew', now: 'renew_interval' },
];

/** Complaints about old names in a configuration that has not been validated yet. */
export function renamedIn(tree: unknown): { readonly path: readonly string[]; readonly message: string }[] {
  return RENAMED.filter(
    ({ section, type, old }) =>
      (type === undefined || at(tree, [section, 'type']) === type) &&
      at(tree, [section, ...old.split('.')]) !== undefined,
  ).map(({ section, old, to = section, now, value }) => {
    const use = value === undefined ? '' : `: ${value}`;
    return { path: [section, ...old.split('.')], message: `renamed; use ${to}.${now}${use}` };
  });
}

function at(tree: unknown, path: readonly string[]): unknown {
  return path.reduce(memberOf, tree);
}
