import type { JsonObject } from '../contracts/types.ts';
import type { Acting } from './acting.ts';
import { type Endpoint, parseEndpoint } from './endpoint.ts';
import { absoluteUrl, isRequest } from './http.ts';
import { text } from './scalars.ts';

/** Where a detection's connection went. `derive`: derive a reverse shell's far end from its arguments. */
export function readFarEnd(
  payload: JsonObject,
  acting: Acting | undefined,
  derive: boolean,
  warnings: string[],
): Endpoint | undefined {
  const direct = text(payload.direct_ip_address);
  const raw = text(payload.endpoint) ?? text(payload.host) ?? absoluteUrl(text(payload.path));
  const derived = derive ? acting?.farEnd : undefined;
  if (raw === undefined) return direct === undefined ? derived : parseEndpoint(direct, undefined, warnings);
  const said = parseEndpoint(raw, direct, warnings);
  if (said.address === undefined)
    return derived === undefined ? said : { ...said, ...derived, raw: said.raw };
  // HTTP uses TCP here: the agent sees requests where programs pass them to OpenSSL, which HTTP/3 does not use.
  return said.transport === undefined && isRequest(payload) ? { ...said, transport: 'tcp' } : said;
}
