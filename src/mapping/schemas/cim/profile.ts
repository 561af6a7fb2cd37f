/** The CIM data models that a detection is written to: the option `cim_profile`. */
export const CIM_PROFILES = ['best_fit', 'alerts_only', 'fan_out'] as const;

export type CimProfile = (typeof CIM_PROFILES)[number];

export const DEFAULT_CIM_PROFILE: CimProfile = 'best_fit';
