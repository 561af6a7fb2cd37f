/** One row of the table: what is a secret, and how anybody can tell that the rule works. */
interface Rule {
  /** In kebab case; stands in the mask and in the ledger. Gitleaks' name where it has a rule for the same. */
  readonly name: string;
  /** A text that must go, as a template: `{alnum:36}` is that many characters of an alphabet, made when a test runs. */
  readonly goes: string;
  /** A text like it that must stay. */
  readonly stays: string;
  /** Where the shape or the place is known from. */
  readonly source: string;
}

/** A secret that is known by its own characters. */
export interface Shape extends Rule {
  /** How it begins (with `lead`: what it holds), in any letter case: it is looked for at no other place. */
  readonly begins: readonly string[];
  /** Sticky, tried where one of these begins. Linear: what may fail is bounded, or has a `run`. */
  readonly shape: RegExp;
  /** Characters of the secret before what `begins` names. */
  readonly lead?: number;
  /** What `begins` names is no secret (a host, a path) and stays. */
  readonly keeps?: true;
  /** Sticky: how far the characters reach among which no second beginning can do better than the first. */
  readonly run?: RegExp;
}
