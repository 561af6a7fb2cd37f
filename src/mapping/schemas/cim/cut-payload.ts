import { setMember } from '../../../contracts/json.ts';
import type { Json, JsonObject } from '../../../contracts/types.ts';
import { cutText } from '../../../detections/short-texts.ts';
import { shortName } from '../../../text/short-name.ts';

/** Characters of JSON that a member may have before it is cut. */
const LONGEST_MEMBER = 8_192;
const MOST_BYTES = 500_000;

/** A payload with each member cut to a short length, up to a bounded total length. */
export function cutPayload(payload: JsonObject): JsonObject {
  const short: JsonObject = {};
  let left = MOST_BYTES;
  for (const [key, value] of Object.entries(payload)) {
    const name = shortName(key);
    const kept = cutMember(value);
    left -= Buffer.byteLength(JSON.stringify(name)) + Buffer.byteLength(JSON.stringify(kept));
    if (left < 0) break;
    setMember(short, name, kept);
  }
  return short;
}

function cutMember(value: Json): Json {
  const json = JSON.stringify(value);
  if (json.length <= LONGEST_MEMBER) return value;
  return cutText(typeof value === 'string' ? value : json, LONGEST_MEMBER);
}
