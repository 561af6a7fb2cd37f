import { expect, it } from '@jest/globals';
import type { Finding } from '../../../src/contracts/types.ts';
import { s3Runs } from './harness.ts';

it('names the operation in the check, and not again in the finding', async () => {
  const { component, context } = s3Runs({
    endpoint: 'http://127.0.0.1:1',
    bucket: 'b',
    prefixes: ['in/'],
    start: 'now',
  });
  const found: Finding[] = [];
  for await (const finding of component.check?.(context({ maxElapsedMs: 5 }, {})) ?? []) found.push(finding);
  expect(found).toContainEqual({
    check: 's3 list s3://b/in/',
    status: 'failed',
    detail: expect.stringMatching(/^the connection is refused \(ECONNREFUSED\); /),
  });
});
