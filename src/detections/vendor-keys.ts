import type { Json, JsonObject } from '../contracts/types.ts';
import { boolean, text } from './scalars.ts';

/**
 * Keys of the vendor's own table, `<scope>#<kind>#<status>`, where the scope is a customer, an owner, or an owner
 * and a repository. A kind never contains `#`.
 */
const KEY = /^(?<scope>.+)#(?<kind>[^#]+)#(?<status>new|resolved|suppressed)$/;

/** The tenant, which an export may not name anywhere else. */
export function customerOf({ customer_id_status: key }: JsonObject): string | undefined {
  return typeof key === 'string' ? KEY.exec(key)?.groups?.scope : undefined;
}

/** Whether such a key says something that no other member does. */
export function isKeyUnsaid(name: string, key: Json, payload: JsonObject): boolean {
  const { scope, kind, status } = (typeof key === 'string' ? KEY.exec(key)?.groups : undefined) ?? {};
  if (kind === undefined || kind !== payload.id) return true;
  if (status !== statusOf(payload)) return true;
  return scope !== scopeOf(name, payload);
}

function statusOf({ is_resolved: resolved, is_suppressed: suppressed }: JsonObject): string {
  if (boolean(resolved) === true) return 'resolved';
  return boolean(suppressed) === true ? 'suppressed' : 'new';
}

function scopeOf(name: string, payload: JsonObject): string | undefined {
  const owner = text(payload.owner);
  if (name === 'customer_id_status') return text(payload.customer) ?? customerOf(payload);
  return name === 'owner_id_status' ? owner : `${owner}#${text(payload.repo)}`;
}
