import { readAddon } from './addon.ts';
import type { Indexed } from './fields.ts';
import { type Dispatch, runPostProcess, runSearch } from './run.ts';
import type { Row } from './values.ts';
import { childrenOf, type Element, parseXml, textIn } from './xml.ts';

export interface Panel {
  readonly id: string;
  readonly title: string;
  readonly kind: 'single' | 'table' | 'chart';
  readonly under: string;
  readonly search: Search;
  /** For a table: the columns shown, unless all are. */
  readonly columns: readonly string[] | undefined;
}

interface Search {
  readonly base: string | undefined;
  readonly query: string;
  readonly earliest: string;
  readonly latest: string;
}

export interface View {
  readonly label: string;
  readonly description: string;
  /** The initial values of the inputs, by token. */
  readonly defaults: Readonly<Record<string, string>>;
  readonly bases: ReadonlyMap<string, Search>;
  readonly rows: readonly (readonly Panel[])[];
}

export function readView(name: string): View {
  const form = parseXml(readAddon(`default/data/ui/views/${name}.xml`));
  const bases = childrenOf(form, 'search').map((one) => [one.attributes.id ?? '', searchOf(one)] as const);
  return {
    label: textIn(form, 'label'),
    description: textIn(form, 'description'),
    defaults: Object.assign(
      {},
      ...childrenOf(form, 'fieldset').flatMap((set) => childrenOf(set, 'input').map(defaultsOf)),
    ),
    bases: new Map(bases),
    rows: childrenOf(form, 'row').map((row) => childrenOf(row, 'panel').map(panelOf)),
  };
}

function defaultsOf(input: Element): Record<string, string> {
  const token = input.attributes.token ?? '';
  if (input.attributes.type !== 'time') return { [token]: textIn(input, 'default') };
  const [range] = childrenOf(input, 'default');
  if (range === undefined) throw new Error(`no time for ${token}`);
  return { [`${token}.earliest`]: textIn(range, 'earliest'), [`${token}.latest`]: textIn(range, 'latest') };
}

function panelOf(panel: Element): Panel {
  const [shown] = panel.children.filter(({ name }) => name !== 'title');
  const [search] = shown === undefined ? [] : childrenOf(shown, 'search');
  if (shown === undefined || search === undefined) throw new Error(`an empty panel: ${panel.attributes.id}`);
  const fields = textIn(shown, 'fields');
  return {
    id: panel.attributes.id ?? '',
    title: textIn(panel, 'title'),
    kind: shown.name as Panel['kind'],
    under: childrenOf(shown, 'option').find(({ attributes }) => attributes.name === 'underLabel')?.text ?? '',
    search: searchOf(search),
    columns: fields === '' ? undefined : (JSON.parse(fields) as string[]),
  };
}

function searchOf(search: Element): Search {
  return {
    base: search.attributes.base,
    query: textIn(search, 'query'),
    earliest: textIn(search, 'earliest'),
    latest: textIn(search, 'latest'),
  };
}

/** The results that a panel shows, with the inputs at their initial values or as `tokens` sets them. */
export function runPanel(
  view: View,
  id: string,
  events: readonly Indexed[],
  now: number,
  tokens: Readonly<Record<string, string>> = {},
): Row[] {
  const values = { ...view.defaults, ...tokens };
  const dispatch = ({ earliest, latest }: Search): Dispatch => ({
    now,
    earliest: fill(earliest, values),
    latest: fill(latest, values),
  });
  const rowsOf = (search: Search): Row[] => runSearch(fill(search.query, values), events, dispatch(search));
  const search = view.rows.flat().find((panel) => panel.id === id)?.search;
  if (search === undefined) throw new Error(`no panel ${id}`);
  if (search.base === undefined) return rowsOf(search);
  const base = view.bases.get(search.base);
  if (base === undefined) throw new Error(`no search ${search.base}`);
  return runPostProcess(fill(search.query, values), rowsOf(base), dispatch(base));
}

/** `$token$` inserts it as it is, `$token|s$` as quoted text. */
function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$([\w.]+)(\|s)?\$/g, (_, token: string, quoted?: string) => {
    const value = values[token];
    if (value === undefined) throw new Error(`nothing sets $${token}$`);
    return quoted === undefined ? value : `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
  });
}
