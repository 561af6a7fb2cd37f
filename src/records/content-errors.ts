import type { Fault } from '../contracts/types.ts';

/** Compressed content is damaged or breaks off: perhaps only in this reading of it. What came before it stands. */
export class DamagedContentError extends Error {
  override name = 'DamagedContentError';
  readonly fault: Fault;
  constructor(fault: Fault, options?: ErrorOptions) {
    super(fault.reason, options);
    this.fault = fault;
  }
}

/** Content is over a cap, or in a form that is not read: no later reading gets further. What came before it stands. */
export class RefusedContentError extends Error {
  override name = 'RefusedContentError';
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.reason);
    this.fault = fault;
  }
}
