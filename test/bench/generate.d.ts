export interface Generated {
  readonly id: string;
  readonly event_id: string;
  readonly timestamp: string;
  readonly [key: string]: unknown;
}
export function randomOf(seed: number): () => number;
export function detection(seed: number, number: number): Generated;
export function detections(seed: number, from: number, to: number): Generator<Generated>;
export function ndjson(seed: number, from: number, to: number): string;
