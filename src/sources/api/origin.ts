const PREFIX = '/github/';

/** Where a row was listed: the path of the list and its query. */
export function uriOf(path: string, query: Readonly<Record<string, string>>): string {
  return `${path}?${new URLSearchParams(query).toString()}`;
}

/** Whether a document's origin is such a list, rather than an object or file of an export. */
export function isApiUri(uri: string): boolean {
  return uri.startsWith(PREFIX) && uri.includes('?');
}
