import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

it('a suite without its server says so above the summary, and which variable it needs', async () => {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, NODE_OPTIONS: '--experimental-vm-modules' };
  const jest = ['node_modules/jest/bin/jest.js', 'test/services/s3-state.test.ts'];
  const { stderr } = await promisify(execFile)(process.execPath, jest, { cwd: ROOT, env });
  expect(stderr).toMatch(/state in S3 at S3_ENDPOINT \(skipped: set S3_ENDPOINT\)[^]*\nTests: +\d+ skipped/);
});
