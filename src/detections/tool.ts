import { isObject } from '../contracts/json.ts';
import type { Json, JsonObject } from '../contracts/types.ts';
import { known, orNothing } from './scalars.ts';

/** The program that did what was found, and the programs that started it. */
export interface Tool {
  readonly name: string | undefined;
  /** 64 hex digits. */
  readonly sha256: string | undefined;
  /** What the agent wrote in place of the hash: for containers, an image name. */
  readonly image: string | undefined;
  readonly parent: string | undefined;
  readonly parent_sha256: string | undefined;
  /** Starting with the parent's parent, upward. */
  readonly ancestors: readonly Ancestor[] | undefined;
}

interface Ancestor {
  readonly name: string | undefined;
  readonly sha256: string | undefined;
}

/** `parent` is a name, empty, or a tool with a parent of its own. */
export function readTool(value: Json | undefined): Tool | undefined {
  if (!isObject(value)) return undefined;
  const [parent, ...ancestors] = ancestorsOf(value);
  const sha256 = hashOf(value.sha256);
  return orNothing({
    name: known(value.name),
    sha256,
    image: sha256 === undefined ? known(value.sha256) : undefined,
    parent: parent?.name,
    parent_sha256: parent?.sha256,
    ancestors: ancestors.length === 0 ? undefined : ancestors,
  });
}

function ancestorsOf(tool: JsonObject): Ancestor[] {
  const found: Ancestor[] = [];
  let above = tool.parent;
  while (isObject(above)) {
    found.push({ name: known(above.name), sha256: hashOf(above.sha256) });
    above = above.parent;
  }
  const name = known(above);
  if (name !== undefined) found.push({ name, sha256: undefined });
  while (found.length > 0 && found.at(-1)?.name === undefined && found.at(-1)?.sha256 === undefined)
    found.pop();
  return found;
}

/** In lower case; undefined for anything but a SHA-256. */
export function hashOf(value: Json | undefined): string | undefined {
  const hash = known(value);
  return hash !== undefined && /^[0-9a-f]{64}$/i.test(hash) ? hash.toLowerCase() : undefined;
}

/** All hashes of a tool, its own first. */
export function hashesOf(tool: Tool | undefined): readonly (string | undefined)[] {
  if (tool === undefined) return [];
  return [tool.sha256, tool.parent_sha256, ...(tool.ancestors?.map(({ sha256 }) => sha256) ?? [])];
}
