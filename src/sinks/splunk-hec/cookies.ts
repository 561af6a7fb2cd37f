/** The cookies of one host, as needed for a load balancer's sticky sessions: names and values, and their removal. */
export interface Cookies {
  /** The `cookie` header, or nothing. */
  header(): { readonly cookie?: string };
  keep(setCookie: readonly string[] | undefined): void;
}

export function createCookies(): Cookies {
  const jar = new Map<string, string>();
  return {
    header: () =>
      jar.size === 0 ? {} : { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
    keep(setCookie = []) {
      for (const line of setCookie) {
        const [pair = '', ...attributes] = line.split(';');
        const at = pair.indexOf('=');
        if (at < 1) continue;
        const name = pair.slice(0, at).trim();
        if (attributes.some((attribute) => /^\s*max-age\s*=\s*(0|-)/i.test(attribute))) jar.delete(name);
        else jar.set(name, pair.slice(at + 1).trim());
      }
    },
  };
}
