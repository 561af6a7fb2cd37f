import { expect, it } from '@jest/globals';
import { counted, lasting } from '../../src/terminal/words.ts';

it.each([
  [0, '0 detections'],
  [1, '1 detection'],
  [1_204, '1,204 detections'],
])('counts %d', (count, words) => {
  expect(counted(count, 'detection')).toBe(words);
});

it.each([
  [0, 'no time'],
  [0.04, 'no time'],
  [1, '1 second'],
  [4.27, '4.3 seconds'],
  [119, '119 seconds'],
  [150, '2 minutes'],
  [5_000, '83 minutes'],
  [90_000, '25 hours'],
  [200_000, '2 days'],
])('%d seconds', (seconds, words) => {
  expect(lasting(seconds)).toBe(words);
});
