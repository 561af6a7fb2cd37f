import type { Schema } from '../../src/contracts/schema.ts';
import type { JsonObject } from '../../src/contracts/types.ts';
import type { Detection } from '../../src/detections/detection.ts';
import type { Mapper } from '../../src/mapping/document.ts';
import { compileMapper } from '../../src/mapping/mapper.ts';
import { DEFAULT_MAPPER, type MapperOptions } from '../../src/mapping/options.ts';
import type { CimProfile } from '../../src/mapping/schemas/cim/profile.ts';
import { MAPPINGS } from './samples.ts';

const mappers = new Map<string, Mapper>();

/** Compiling all mappings takes far longer than mapping a detection, so there is one mapper per set of options. */
export function mapperOf(options: Partial<MapperOptions> = {}): Mapper {
  const name = JSON.stringify(options);
  const map =
    mappers.get(name) ?? compileMapper(MAPPINGS, { ...DEFAULT_MAPPER, version: '1.2.3', ...options });
  mappers.set(name, map);
  return map;
}

/** The parsed documents of one detection. */
export function documentsOf(detection: Detection, options: Partial<MapperOptions> = {}): JsonObject[] {
  const map = mapperOf(options);
  return map(detection).map(({ json }) => JSON.parse(String(json)) as JsonObject);
}

export function ecsOf(detections: readonly Detection[]): JsonObject[] {
  return detections.flatMap((detection) => documentsOf(detection));
}

/** The contents of the golden files for each schema. */
export const GOLDEN = { ecs: ecsOf, cim: cimOf } satisfies {
  readonly [Name in Schema]: (detections: readonly Detection[]) => unknown;
};

/** CIM by profile, as far as the profiles differ: `fan_out` writes the events of `best_fit` and the activities. */
interface CimGolden {
  readonly best_fit: readonly JsonObject[];
  readonly alerts_only?: readonly JsonObject[];
  readonly fan_out_activity?: readonly JsonObject[];
}

function cimOf(detections: readonly Detection[]): CimGolden {
  const bestFit = detections.flatMap((detection) => cim(detection, 'best_fit'));
  const alertsOnly = detections.flatMap((detection) => cim(detection, 'alerts_only'));
  const activity = detections.flatMap((detection) => cim(detection, 'fan_out').slice(1));
  const same = JSON.stringify(bestFit) === JSON.stringify(alertsOnly);
  return {
    best_fit: bestFit,
    ...(same ? {} : { alerts_only: alertsOnly }),
    ...(activity.length === 0 ? {} : { fan_out_activity: activity }),
  };
}

function cim(detection: Detection, cimProfile: CimProfile): JsonObject[] {
  return documentsOf(detection, { schema: 'cim', cimProfile });
}
