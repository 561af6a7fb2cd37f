import type { JsonObject } from '../../../src/contracts/types.ts';
import type { Detection } from '../../../src/detections/detection.ts';
import { documentsOf } from '../documents.ts';
import { MAPPINGS, readSamples } from '../samples.ts';
import { NO_MODEL } from './cim.ts';

export interface CimEvent {
  readonly sample: string;
  readonly odd: boolean;
  readonly kind: string;
  readonly profile: 'best_fit' | 'alerts_only' | 'activity' | 'state_change';
  readonly model: string;
  readonly event: JsonObject;
  readonly detection: Detection;
}

/** All events of all samples in all profiles, each with the model named in its mapping. */
export function readEvents(): CimEvent[] {
  return readSamples().flatMap(({ name, odd, detections }) =>
    detections.flatMap((detection) => eventsOf(detection).map((event) => ({ sample: name, odd, ...event }))),
  );
}

function eventsOf(detection: Detection): Omit<CimEvent, 'sample' | 'odd'>[] {
  const { kind } = detection.profile;
  const { cim } = MAPPINGS.kinds.find((file) => file.detection === kind) ?? MAPPINGS.unknown;
  const common = { kind, detection };
  if (detection.change !== undefined) {
    const [event = {}] = documentsOf(detection, { schema: 'cim' });
    return [{ ...common, profile: 'state_change', model: NO_MODEL, event }];
  }
  const write = (cimProfile: 'best_fit' | 'alerts_only' | 'fan_out'): JsonObject[] =>
    documentsOf(detection, { schema: 'cim', cimProfile });
  return [
    ...write('best_fit').map((event) => ({
      ...common,
      profile: 'best_fit' as const,
      model: cim.model,
      event,
    })),
    ...write('alerts_only').map((event) => ({
      ...common,
      profile: 'alerts_only' as const,
      model: 'Alerts.Alerts',
      event,
    })),
    ...write('fan_out')
      .slice(1)
      .map((event) => ({ ...common, profile: 'activity' as const, model: cim.activity?.model ?? '', event })),
  ];
}
