import { expect, it, jest } from '@jest/globals';
import { runCommandLine } from '../../src/commands/index.ts';

it('says that the working directory is gone, and exits 2', async () => {
  const said: string[] = [];
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  jest.spyOn(process, 'cwd').mockImplementation(() => {
    throw new Error('ENOENT: no such file or directory, uv_cwd');
  });
  await runCommandLine(['map', '--help']);
  const code = process.exitCode;
  process.exitCode = undefined;
  jest.restoreAllMocks();
  expect([code, said]).toEqual([2, ['the working directory no longer exists: change to one that does\n']]);
});
