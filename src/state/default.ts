/** Where the state is kept when the configuration does not say; only one-shot commands may rely on it. */
export const DEFAULT_STATE = { type: 'file', path: 'stepsecurity-siem-state' } as const;
