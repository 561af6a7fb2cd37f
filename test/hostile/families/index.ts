import { COMPRESSED_FAMILIES } from './compressed.ts';
import type { Family } from './family.ts';
import { GROUP_FAMILIES } from './groups.ts';
import { SHAPE_FAMILIES } from './shapes.ts';
import { TEXT_FAMILIES } from './texts.ts';

export type { Family };

export const FAMILIES: readonly Family[] = [
  ...COMPRESSED_FAMILIES,
  ...GROUP_FAMILIES,
  ...SHAPE_FAMILIES,
  ...TEXT_FAMILIES,
];
