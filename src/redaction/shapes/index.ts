import type { Shape } from '../rule.ts';
import { CLOUDS } from './clouds.ts';
import { FORGES } from './forges.ts';
import { FORMATS } from './formats.ts';
import { PACKAGES } from './packages.ts';
import { SERVICES } from './services.ts';

/** Every secret that is recognized by its own characters. */
export const SHAPES: readonly Shape[] = [...FORGES, ...CLOUDS, ...PACKAGES, ...SERVICES, ...FORMATS];
