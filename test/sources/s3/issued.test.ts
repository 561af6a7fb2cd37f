import { describe, expect, it } from '@jest/globals';
import type { ObjectRef } from '../../../src/objects/object.ts';
import { createIssued } from '../../../src/sources/s3/issued.ts';

const object = (key: string, version = '1'): ObjectRef => ({
  uri: `s3://bucket/${key}`,
  key,
  version,
  size: 1,
  modified: 0,
});

describe('the objects that a pass has started', () => {
  it('are started once, and are in hand, settled or failed', () => {
    const issued = createIssued();
    expect([issued.begin(object('a')), issued.begin(object('b'))]).toEqual([true, true]);
    issued.settle(object('a'));
    expect([issued.begin(object('a')), issued.begin(object('b'))]).toEqual([false, false]);
    expect(issued.begin(object('a', '2'))).toBe(true);
  });

  it('forget what was settled more than two pages ago, and nothing in hand', () => {
    const issued = createIssued();
    for (let at = 0; at < 2_002; at += 1) issued.begin(object(String(at)));
    for (let at = 1; at < 2_002; at += 1) issued.settle(object(String(at)));
    expect([0, 1, 2].map((at) => issued.begin(object(String(at))))).toEqual([false, true, false]);
  });
});
