import type { Endpoint } from './endpoint.ts';

/** One side of a detection, as Splunk's models name it. */
interface Party {
  readonly name: string;
  readonly type: 'endpoint' | 'repository';
}

export interface Parties {
  readonly src: Party | undefined;
  readonly dest: Party | undefined;
  /** The machine that ran it, if known; otherwise the repository. */
  readonly host: Party | undefined;
}

/**
 * The origin is always the repository; the destination is the far end of a connection, otherwise also the
 * repository.
 */
export function partiesOf(
  repository: string | undefined,
  endpoint: Endpoint | undefined,
  machine: string | undefined,
): Parties {
  const src: Party | undefined =
    repository === undefined ? undefined : { name: repository, type: 'repository' };
  const dest: Party | undefined =
    endpoint?.address === undefined ? src : { name: endpoint.address, type: 'endpoint' };
  const host: Party | undefined = machine === undefined ? src : { name: machine, type: 'endpoint' };
  return { src, dest, host };
}
