import { savedObjects } from './objects.ts';
import { detectionRules } from './rules.ts';

/** The files in deploy/elasticsearch/kibana that are generated from the sources next to this one, by name. */
export function generate(version: string): ReadonlyMap<string, string> {
  return new Map([
    ['saved-objects.ndjson', lines(savedObjects())],
    ['detection-rules.ndjson', lines(detectionRules(version))],
  ]);
}

function lines(objects: readonly object[]): string {
  return objects.map((object) => `${JSON.stringify(object)}\n`).join('');
}
