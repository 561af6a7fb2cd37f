/** Of the Fleet package; its objects begin with it. */
export const PACKAGE = 'stepsecurity_siem';
export const idOf = (name: string): string => `${PACKAGE}-${name}`;
export const titleOf = (title: string): string => `[StepSecurity] ${title}`;
