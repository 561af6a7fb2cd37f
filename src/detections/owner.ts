/** The owner of a repository. */
export interface Owner {
  /** As it arrived, or that of the repository; filters use it. */
  readonly raw: string | undefined;
  /** The organization alone. */
  readonly organization: string | undefined;
  /** The vendor's customer, if the owner names it. */
  readonly tenant: string | undefined;
}

const SEPARATOR = '::';

/** An organization on a GitHub Enterprise Server arrives as `tenant::connection::organization`. */
export function readOwner(raw: string | undefined): Owner {
  if (raw === undefined || !isHosted(raw)) return { raw, organization: raw, tenant: undefined };
  const parts = raw.split(SEPARATOR);
  return { raw, organization: parts.at(-1) || raw, tenant: parts[0] || undefined };
}

export function isHosted(owner: string | undefined): boolean {
  return owner?.includes(SEPARATOR) ?? false;
}
