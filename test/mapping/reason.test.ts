import { describe, expect, it } from '@jest/globals';
import type { Detection } from '../../src/detections/detection.ts';
import { compileReason } from '../../src/mapping/reason.ts';

function say(sentences: string[], facts: object): string | undefined {
  return compileReason(sentences)(facts as unknown as Detection);
}

describe('compileReason', () => {
  it('uses the first sentence whose paths are all present', () => {
    const sentences = ['{a.b} and {c}', '{a.b} alone', 'nothing'];
    expect(say(sentences, { a: { b: 'x' }, c: 0 })).toBe('x and 0');
    expect(say(sentences, { a: { b: 'x' }, c: '' })).toBe('x alone');
    expect(say(sentences, {})).toBe('nothing');
    expect(say(['{a}'], {})).toBeUndefined();
    expect(say([], {})).toBeUndefined();
  });

  it('writes no lists and objects', () => {
    expect(say(['{a}'], { a: ['x'] })).toBeUndefined();
    expect(say(['{a}'], { a: { b: 1 } })).toBeUndefined();
  });

  it('does not treat a fact as a template', () => {
    expect(say(['<{a}>'], { a: '{b} $& $1', b: 'no' })).toBe('<{b} $& $1>');
  });

  it('is cut where ECS stops indexing', () => {
    expect(say(['{a}'], { a: 'x'.repeat(1_024) })).toHaveLength(1_024);
    const cut = say(['{a}'], { a: 'x'.repeat(1_025) });
    expect(cut).toHaveLength(1_024);
    expect(cut?.endsWith('x…')).toBe(true);
  });
});
