/** The types that the list endpoint accepts as `detection_id`, as enumerated in the vendor's OpenAPI file (2026-07). */
export const API_KINDS = [
  'Domain-Blocked',
  'Source-Code-Overwritten',
  'New-Outbound-Network-Call',
  'HTTPS-Outbound-Network-Call',
  'Secret-In-Build-Log',
  'Secret-In-Artifact',
  'Harden-Runner-Config-Changed',
  'Action-Uses-Imposter-Commit',
  'Action-Uses-Commit-From-Non-Default-Branch',
  'Privileged-Container',
  'Reverse-Shell',
  'Suspicious-Network-Call',
  'Suspicious-Process-Call',
  'Runner-Worker-Memory-Read',
  'NPM-Package-Upgrade-To-Suspicious-Version',
] as const;

/**
 * Types that the vendor's own client requests but its OpenAPI file lacks. An API that does not know one refuses it:
 * then there is nothing to read, and nothing has failed.
 */
export const CLIENT_KINDS: readonly string[] = ['Agent-Tampered'];

/**
 * The states of a row, in listing order. `suppressed` comes last: one rule can suppress thousands of rows, and rows in
 * the last list can be sent immediately, while other changes wait for the lists after theirs.
 */
export const STATUSES = ['new', 'resolved', 'suppressed'] as const;
export type Status = (typeof STATUSES)[number];

/** Evaluations that are detections; `Allowed` is not one. */
export const EVALUATION_STATUSES = ['Blocked', 'DryRunBlocked'] as const;
