import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/contracts/types.ts';
import { textOf } from '../../../src/mapping/lint/flatten.ts';
import { documentsOf } from '../documents.ts';
import { readSamples } from '../samples.ts';

interface Same {
  readonly id: unknown;
  readonly severity: unknown;
  readonly blocked: boolean;
  readonly changed: unknown;
  readonly destination: unknown;
  readonly port: unknown;
  readonly techniques: readonly string[];
}

const WORDS: Record<string, number> = { informational: 0, low: 21, medium: 47, high: 73, critical: 99 };

function at(document: JsonObject, path: string): unknown {
  let value: unknown = document;
  for (const key of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[key];
  return value;
}

function list(value: unknown): string[] {
  return value === undefined ? [] : (value as string[]);
}

function fromEcs(document: JsonObject): Same {
  const children = list(at(document, 'threat.technique.subtechnique.id'));
  // CIM has one field for both, with the most specific value.
  const parents = list(at(document, 'threat.technique.id')).filter(
    (id) => !children.some((child) => child.startsWith(id)),
  );
  return {
    id: at(document, 'event.id'),
    severity: at(document, 'event.severity'),
    blocked:
      list(at(document, 'event.type')).includes('denied') && at(document, 'event.outcome') === 'success',
    changed: at(document, 'stepsecurity.change'),
    // Without a far end CIM names the repository; a state change has no far end.
    destination:
      at(document, 'stepsecurity.change') === undefined
        ? (at(document, 'destination.address') ?? at(document, 'stepsecurity.owner_repo'))
        : undefined,
    port: at(document, 'destination.port'),
    techniques: [...parents, ...children].sort(),
  };
}

function fromCim(event: JsonObject): Same {
  expect(WORDS[textOf(event.severity)]).toBe(event.severity_id);
  return {
    id: event.id,
    severity: event.severity_id,
    blocked: event.action === 'blocked',
    changed: event.change,
    destination: event.dest,
    port: event.dest_port,
    techniques: [...list(event.mitre_technique_id)].sort(),
  };
}

describe.each(readSamples())('$name', ({ detections }) => {
  it('says the same in ECS and in CIM', () => {
    for (const detection of detections) {
      const [ecs = {}] = documentsOf(detection);
      const [cim = {}] = documentsOf(detection, { schema: 'cim' });
      const port = cim.ids_type === undefined ? { port: undefined } : {};
      expect(fromCim(cim)).toEqual({ ...fromEcs(ecs), ...port });
      const [alert = {}] = documentsOf(detection, { schema: 'cim', cimProfile: 'alerts_only' });
      expect(fromCim(alert)).toEqual({ ...fromEcs(ecs), port: undefined });
      expect(alert.type === 'alert').toBe(at(ecs, 'event.kind') === 'alert');
    }
  });
});
