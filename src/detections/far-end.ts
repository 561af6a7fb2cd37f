import type { JsonObject } from '../contracts/types.ts';
import { type Endpoint, parseEndpoint } from './endpoint.ts';
import type { ProcessEvent } from './process.ts';
import { reverseShellEndpoint } from './reverse-shell.ts';
import { text } from './scalars.ts';

/** Where a detection's connection went. `derive`: read a reverse shell's far end out of its arguments. */
export function readFarEnd(
  payload: JsonObject,
  kind: string,
  first: ProcessEvent | undefined,
  derive: boolean,
  warnings: string[],
): Endpoint | undefined {
  const direct = text(payload.direct_ip_address);
  const raw = text(payload.endpoint) ?? text(payload.host);
  if (raw !== undefined) return parseEndpoint(raw, direct, warnings);
  if (direct !== undefined) return parseEndpoint(direct, undefined, warnings);
  if (kind === 'Reverse-Shell' && derive) return reverseShellEndpoint(first);
  return undefined;
}
