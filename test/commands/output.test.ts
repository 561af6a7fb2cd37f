import { expect, it } from '@jest/globals';
import { screenFor } from '../../src/commands/output.ts';

it.each([
  ['a terminal', true, undefined, true],
  ['a terminal and --json', true, true, false],
  ['a pipe', undefined, undefined, false],
  ['a pipe and --no-json', undefined, false, true],
])('%s', (_, isTTY, json, isForPeople) => {
  const before = Object.getOwnPropertyDescriptor(process.stdout, 'isTTY') ?? {
    configurable: true,
    value: undefined,
  };
  Object.defineProperty(process.stdout, 'isTTY', { configurable: true, value: isTTY });
  try {
    expect(screenFor({ json }) !== undefined).toBe(isForPeople);
  } finally {
    Object.defineProperty(process.stdout, 'isTTY', { ...before, configurable: true });
  }
});
