import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { commandLine } from '../command-line.ts';

let folder: string;
const token = ['hunter2', 'correct', 'horse'].join('-');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-command-'));
  writeFileSync(
    join(folder, 'stepsecurity-siem.yaml'),
    `source: { type: file, path: in }
sink:
  type: splunk_hec
  url: https://splunk.example:8088
  token: \${TOKEN}
filters: [{ name: a, include: { kinds: [x] } }]
`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inFolder = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  commandLine(args, { cwd: folder, env: { TOKEN: token, STEPSECURITY_SIEM_CONFIG: '', ...env } });

describe('config', () => {
  it('prints what is in effect and where it comes from, and no secret', async () => {
    const { code, out } = await inFolder(['config', '--set', 'pipeline.concurrency=7']);
    expect(code).toBe(0);
    expect(out).toContain(`  path: ${join(folder, 'in')} # line 1\n`);
    expect(out).toContain('  token: "[secret]" # from the environment\n');
    expect(out).toContain('  concurrency: 7 # from a flag\n');
    expect(out).toContain('  request_timeout: 60s # default\n');
    expect(out).not.toContain('hunter2');
  });

  it('prints a usable configuration', async () => {
    const { out } = await inFolder(['config']);
    const again = join(folder, 'again.yaml');
    writeFileSync(again, out);
    const whole = join(folder, 'stepsecurity-siem.yaml');
    const { token: masked, ...sink } = loadConfig(again, []).sink as { token?: string };
    expect(masked).toBe('[secret]');
    expect({ ...loadConfig(whole, [], { TOKEN: token }), sink: undefined }).toEqual({
      ...loadConfig(again, []),
      sink: undefined,
    });
    expect(loadConfig(whole, [], { TOKEN: token }).sink).toMatchObject(sink);
  });
});

describe('when no configuration is named', () => {
  it('the environment variable names it; otherwise it is the default file', async () => {
    writeFileSync(join(folder, 'other.yaml'), 'sink: { type: ndjson }\n');
    const named = await inFolder(['config'], { STEPSECURITY_SIEM_CONFIG: 'other.yaml' });
    expect(named.err).toBe(
      'other.yaml: the configuration is wrong:\n  source: missing; expected keys and values\n',
    );
    expect((await inFolder(['config'])).code).toBe(0);
  });

  it('says what to pass when there is none', async () => {
    const { code, err } = await commandLine(['config'], {
      cwd: tmpdir(),
      env: { STEPSECURITY_SIEM_CONFIG: '' },
    });
    expect(code).toBe(2);
    expect(err).toMatch(/^no configuration: pass --config FILE/);
  });
});

it.each(['config', 'mapping', 'mapping-common', 'ledger', 'dead-letter', 'verification'])(
  'schema %s is a JSON Schema with its own name',
  async (name) => {
    const { out } = await commandLine(['schema', name]);
    const schema = JSON.parse(out) as { $id: string };
    expect(schema.$id).toBe(`urn:stepsecurity-siem:${name}`);
    expect(() => new Ajv2020({ strict: false, validateFormats: false }).compile(schema)).not.toThrow();
  },
);

it('the schema accepts the configurations that the program accepts, and refuses those it refuses', async () => {
  const { out } = await commandLine(['schema']);
  const valid = new Ajv2020({ strict: false, validateFormats: false }).compile(JSON.parse(out) as object);
  const { out: configuration } = await inFolder(['config']);
  expect(valid(parse(configuration))).toBe(true);
  expect(valid({ ...(parse(configuration) as object), colour: 'red' })).toBe(false);
});
