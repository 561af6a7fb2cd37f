import { addonConf } from './addon.ts';

/** Expands the add-on's macros in a search, nested ones too. Throws for one that does not exist. */
export function expandMacros(search: string, macros = addonConf('macros')): string {
  const expanded = search.replaceAll(/`(\w+)(?:\(([^`]*)\))?`/g, (_, name: string, list?: string) => {
    const values = list === undefined ? [] : argumentsOf(list);
    const stanza = macros.get(values.length === 0 ? name : `${name}(${values.length})`);
    if (stanza === undefined) throw new Error(`no macro ${name} with ${values.length} arguments`);
    const names = stanza.get('args')?.split(/,\s*/) ?? [];
    let definition = stanza.get('definition') ?? '';
    names.forEach((argument, at) => {
      definition = definition.replaceAll(`$${argument}$`, () => values[at] ?? '');
    });
    return definition;
  });
  return expanded === search ? search : expandMacros(expanded, macros);
}

/** Arguments are inserted as they are, without the quotes around them. */
function argumentsOf(list: string): string[] {
  const parts = list.match(/"(?:[^"\\]|\\.)*"|[^,]+/g) ?? [];
  return parts.map((part) => part.trim().replace(/^"(.*)"$/s, '$1'));
}
