import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/contracts/types.ts';
import { commandLine } from '../command-line.ts';
import { ledgerOf } from '../spawn-cli.ts';

const PUBLISHED = fileURLToPath(new URL('../mapping/published', import.meta.url));

/** The webhook envelope from the vendor's page, around one of the detections on that page. */
function webhook(): JsonObject {
  const member = readFileSync(join(PUBLISHED, 'doc-23-webhook-5883.json'), 'utf8');
  return {
    id: '81d3597b-b8ca-4ac1-abf0-cc7a9961714d',
    name: 'Detections for workflow run 98765',
    alert_timestamp: '2025-02-20T14:30:00Z',
    event_type: 'detection',
    customer: 'acme-corp',
    owner: 'acme',
    repo: 'api-service',
    repository: 'acme/api-service',
    run_id: '98765',
    data: [{ ...(JSON.parse(member) as JsonObject), event_id: 'f47ac10b-58cc-4372-a567-0e02b2c3d480' }],
  };
}

test('the ledger reports nothing that the vendor publishes as unknown', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'published-'));
  try {
    const [input, output, state] = ['in', 'out/', 'state'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    cpSync(PUBLISHED, input, { recursive: true });
    writeFileSync(join(input, 'webhook.json'), JSON.stringify(webhook()));
    // As the API lists it, with members that its description names and no export has.
    const row = {
      ...(webhook().data as JsonObject[])[0],
      ttl: 1,
      runtime_security_status: 'x',
      severity: 'high',
    };
    writeFileSync(
      join(input, 'row.json'),
      JSON.stringify({ ...row, event_id: 'e', secrets_policy_status: 'x' }),
    );
    const run = await commandLine(['run', '--file', input, '--ndjson', output, '--state', state]);
    const files = readdirSync(input).length;
    expect(run.code).toBe(0);
    expect(ledgerOf(run)).toMatchObject({
      read: files,
      delivered: files,
      unknown_kinds: {},
      unknown_fields: {},
    });
    // An unpublished member is reported.
    writeFileSync(join(input, 'news.json'), JSON.stringify({ ...row, event_id: 'f', tide: 'high' }));
    const next = await commandLine(['run', '--file', input, '--ndjson', output, '--state', state]);
    expect(ledgerOf(next)).toMatchObject({ delivered: 1, unknown_fields: { 'Reverse-Shell.tide': 1 } });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
