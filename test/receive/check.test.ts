import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { loadRoute } from '../../src/config/route.ts';
import { checkReceiver } from '../../src/receive/check.ts';
import { openLook } from '../../src/session/session.ts';
import { receiving } from './receiving.ts';

async function findings(config: string, set: Record<string, unknown> = {}): Promise<string[]> {
  const overrides = Object.entries(set).map(([key, value]) => ({ path: key.split('.'), value }));
  const session = openLook(loadRoute(config, overrides), new AbortController().signal);
  const found: string[] = [];
  for await (const { check, status, detail } of checkReceiver(session))
    found.push(`${status} ${check}: ${detail}`);
  session.close();
  return found;
}

it('the doctor looks at secrets, TLS and spool, and leaves nothing there', async () => {
  await receiving(async ({ folder, spool }) => {
    const config = join(folder, 'config.yaml');
    expect(await findings(config)).toEqual([
      'ok receive secrets: 1 accepted in the header authorization',
      `ok receive spool: ${spool} can be written`,
    ]);
    writeFileSync(join(folder, 'short'), 'short');
    mkdirSync(join(folder, 'bare'));
    const wrong = await findings(config, {
      'source.path': join(folder, 'bare'),
      'receive.secret_files': [join(folder, 'short')],
      'receive.listen': '0.0.0.0:8080',
    });
    expect(wrong[0]).toMatch(/^failed receive secrets: .*fewer than 16 characters/);
    expect(wrong[1]).toMatch(/^warning receive TLS: plain HTTP on 0\.0\.0\.0:8080/);
    expect(wrong[2]).toMatch(/^ok receive spool/);
    expect(existsSync(join(folder, 'bare', '@tmp'))).toBe(false);
    const tls = { cert_file: join(folder, 'short'), key_file: join(folder, 'short') };
    const more = await findings(config, { 'source.path': join(folder, 'none'), 'receive.tls': tls });
    expect(more[1]).toMatch(/^failed receive TLS: receive\.tls: /);
    expect(more[2]).toMatch(/^warning receive spool: .*none does not exist yet/);
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});
