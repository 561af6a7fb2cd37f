import type { JsonObject } from '../contracts/types.ts';
import type { Acting } from './acting.ts';
import { type Endpoint, parseEndpoint } from './endpoint.ts';
import { absoluteUrl } from './http.ts';
import { text } from './scalars.ts';

/** Where a detection's connection went. `derive`: take a reverse shell's far end from its arguments. */
export function readFarEnd(
  payload: JsonObject,
  acting: Acting | undefined,
  derive: boolean,
  warnings: string[],
): Endpoint | undefined {
  const direct = text(payload.direct_ip_address);
  const raw = text(payload.endpoint) ?? text(payload.host) ?? absoluteUrl(text(payload.path));
  if (raw !== undefined) return parseEndpoint(raw, direct, warnings);
  if (direct !== undefined) return parseEndpoint(direct, undefined, warnings);
  return derive ? acting?.farEnd : undefined;
}
