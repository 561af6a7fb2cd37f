import { type Dating, dateFolder, type Template } from '../s3/template.ts';

/**
 * Whether a listing of the template, over all times, would find the key. A queue may also announce objects elsewhere.
 */
export function covers(template: Template, key: string): boolean {
  if (!key.startsWith(template.root)) return false;
  let rest = key.slice(template.root.length);
  let known: Dating = {};
  for (const segment of template.segments) {
    const slash = rest.indexOf('/');
    if (slash === -1) return !('name' in segment);
    const name = rest.slice(0, slash);
    const dating = dateFolder(segment, name, known);
    // A folder whose name the template cannot read is always entered.
    if (dating === undefined) return !('name' in segment);
    known = dating;
    rest = rest.slice(slash + 1);
  }
  return rest.startsWith(template.tail);
}
