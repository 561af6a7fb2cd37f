/** Where state lives when the configuration names none: only one-shot commands may do without. */
export const DEFAULT_STATE = { type: 'file', path: 'stepsecurity-siem-state' } as const;
