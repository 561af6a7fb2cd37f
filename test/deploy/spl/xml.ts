/** An element of a dashboard's XML: only the parts of XML that Simple XML uses, without comments and CDATA. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/** Throws if the text is not well formed. */
export function parseXml(text: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  for (const [piece] of text.matchAll(/<[^<>]*>|[^<>]+/g)) {
    const parent = open.at(-1) as Element;
    if (!piece.startsWith('<')) {
      parent.text += unescape(piece);
      continue;
    }
    const [, end, name = '', rest = '', empty] =
      /^<(\/?)([a-z]+)((?: [\w.]+="[^"<]*")*)(\/?)>$/i.exec(piece) ?? [];
    if (name === '') throw new Error(`not an element: ${piece}`);
    if (end === '/') {
      if (open.pop()?.name !== name || open.length === 0) throw new Error(`closes nothing: ${piece}`);
      continue;
    }
    const attributes = Object.fromEntries(
      [...rest.matchAll(/([\w.]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
    );
    const element: Element = { name, attributes, children: [], text: '' };
    parent.children.push(element);
    if (empty !== '/') open.push(element);
  }
  const [form] = root.children;
  if (open.length !== 1 || form === undefined || root.children.length !== 1)
    throw new Error('not one whole element');
  return form;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

function unescape(text: string): string {
  return text.replaceAll(/&(\w*);?/g, (whole, name: string) => {
    const sign = ENTITIES[name];
    if (sign === undefined || !whole.endsWith(';')) throw new Error(`unknown entity ${whole}`);
    return sign;
  });
}

export function childrenOf(element: Element, name: string): Element[] {
  return element.children.filter((child) => child.name === name);
}

export function textIn(element: Element, name: string): string {
  return childrenOf(element, name)[0]?.text.trim() ?? '';
}
