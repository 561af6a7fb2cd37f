/** One row of the table: what counts as a secret, and examples that show that the rule works. */
interface Rule {
  /** In kebab case; appears in the mask and in the ledger. Gitleaks' name if it has a rule for the same secret. */
  readonly name: string;
  /**
   * A text that must be masked, as a template: `{alnum:36}` is that many characters of an alphabet, generated when a
   * test runs.
   */
  readonly goes: string;
  /** A similar text that must stay. */
  readonly stays: string;
  /** Where the shape or the place is documented. */
  readonly source: string;
}

/** A secret that is recognized by its own characters. */
export interface Shape extends Rule {
  /** How it begins (with `lead`: what it contains), ignoring case; it is only searched for at these places. */
  readonly begins: readonly string[];
  /** Sticky, tried where one of these begins. Must be linear: any part that may fail is bounded, or has a `run`. */
  readonly shape: RegExp;
  /** Number of characters of the secret before the part in `begins`. */
  readonly lead?: number;
  /** The part in `begins` is not secret (a host, a path) and stays. */
  readonly keeps?: true;
  /** Sticky: matches the characters within which another beginning cannot succeed if the first one failed. */
  readonly run?: RegExp;
}
