import { copyFile, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { commandLine } from '../command-line.ts';
import { SUCCESS, scriptHec } from '../scripted/hec.ts';
import { ledgerOf } from '../spawn-cli.ts';

const INPUT = fileURLToPath(new URL('./inputs/waf.ndjson', import.meta.url));

it('an event that a firewall answers with 403 and HTML becomes a letter, and the others arrive once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'waf-'));
  const arrived: string[] = [];
  const server = await scriptHec(({ text, uids }) => {
    if (text.includes('/dev/tcp/')) return { status: 403, body: '<html>Request blocked</html>' };
    arrived.push(...uids);
    return SUCCESS;
  });
  try {
    await copyFile(INPUT, join(folder, 'waf.ndjson'));
    const config = join(folder, 'config.yaml');
    await writeFile(
      config,
      `source: { type: file, path: '${join(folder, 'waf.ndjson')}' }
sink: { type: splunk_hec, url: '${server.url}', token: any }
state: { type: file, path: '${join(folder, 'state')}' }
`,
    );
    const first = await commandLine(['run', '--config', config]);
    expect(first.code).toBe(3);
    expect(ledgerOf(first)).toMatchObject({ read: 3, delivered: 2, dead_lettered: 1 });
    for (let round = 2; round <= 3; round += 1) {
      const again = await commandLine(['run', '--config', config]);
      expect(again.code).toBe(0);
      expect(ledgerOf(again).read).toBe(0);
    }
    const letters = await commandLine(['dead-letters', 'list', '--config', config, '--no-json']);
    expect(letters.out).toMatch(/rejected: a proxy or firewall in between/);
    expect(arrived).toHaveLength(2);
  } finally {
    await server.close();
  }
});
