/** Whom a repository belongs to. */
export interface Owner {
  /** As it arrived, or that of the repository: what filters go by. */
  readonly raw: string | undefined;
  /** The organisation alone. */
  readonly organization: string | undefined;
  /** The vendor's customer, where the owner names it. */
  readonly tenant: string | undefined;
}

const SEPARATOR = '::';

/** An organisation of a GitHub Enterprise Server comes as `tenant::connection::organisation`. */
export function readOwner(raw: string | undefined): Owner {
  if (raw === undefined || !isHosted(raw)) return { raw, organization: raw, tenant: undefined };
  const parts = raw.split(SEPARATOR);
  return { raw, organization: parts.at(-1) || raw, tenant: parts[0] || undefined };
}

export function isHosted(owner: string | undefined): boolean {
  return owner?.includes(SEPARATOR) ?? false;
}
