import type { Endpoint } from './endpoint.ts';

/** One side of a detection, as Splunk's models name it. */
export interface Party {
  readonly name: string;
  readonly type: 'endpoint' | 'repository';
}

/** Where it came from is always the repository; where it went is the far end of a connection, else the repository too. */
export function partiesOf(
  repository: string | undefined,
  endpoint: Endpoint | undefined,
): { readonly src: Party | undefined; readonly dest: Party | undefined } {
  const src: Party | undefined =
    repository === undefined ? undefined : { name: repository, type: 'repository' };
  const dest: Party | undefined =
    endpoint?.address === undefined ? src : { name: endpoint.address, type: 'endpoint' };
  return { src, dest };
}
