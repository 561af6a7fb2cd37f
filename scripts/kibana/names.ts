/** The name of the Fleet package; ids of its objects start with it. */
export const PACKAGE = 'stepsecurity_siem';
export const idOf = (name: string): string => `${PACKAGE}-${name}`;
export const titleOf = (title: string): string => `[StepSecurity] ${title}`;
