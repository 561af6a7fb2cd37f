import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { heartbeatOf } from '../../../src/account/heartbeat.ts';
import { closeLedger } from '../../../src/account/ledger.ts';
import { createTally } from '../../../src/account/tally.ts';
import { isObject } from '../../../src/contracts/json.ts';
import type { Json, JsonObject } from '../../../src/contracts/types.ts';
import { documentOf } from '../../../src/sinks/elasticsearch/heartbeat.ts';
import { elasticsearch } from '../../../src/sinks/elasticsearch/index.ts';
import { feedStreamName, streamName } from '../../../src/sinks/elasticsearch/options.ts';
import { testContext, testHeartbeat } from '../../contract/sink.ts';
import { live } from '../../live.ts';
import { read } from '../../markdown.ts';
import { problem, type Scripted, type Step, script } from './scripted.ts';

let server: Scripted | undefined;
afterEach(async () => server?.close());

async function beat(step: Step, over: Record<string, unknown> = {}): Promise<string | undefined> {
  server = await script({ other: () => step });
  const options = elasticsearch.schema.parse({ urls: [server.url], ...over });
  const sink = await elasticsearch.create(options, { ...testContext() });
  if (sink.heartbeat === undefined) return undefined;
  return sink.heartbeat(testHeartbeat(), live).then(() => 'ok', String);
}

describe('a heartbeat in Elasticsearch', () => {
  it('is a single create with its own id', async () => {
    expect(await beat({ status: 201, body: {} })).toBe('ok');
    expect(server?.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /metrics-stepsecurity.feed-default/_create/writer-1',
    ]);
    expect(JSON.parse(server?.seen[0]?.body ?? '')).toMatchObject({
      '@timestamp': '2026-01-02T03:04:07.500Z',
      event: { kind: 'metric', outcome: 'success', duration: 2_500_000_000 },
      agent: { type: 'stepsecurity-siem', version: '1.2.3' },
      stepsecurity: { feed: { read: 3, kinds: [{ name: 'Domain-Blocked', count: 3 }] } },
    });
  });

  it.each([
    ['exists already', problem(409, 'version_conflict_engine_exception'), /^ok$/],
    [
      'is not permitted',
      problem(403, 'security_exception'),
      /ConfigError: writing to metrics-.*not permitted/,
    ],
    ['finds no room', problem(429, 'circuit_breaking_exception'), /HTTP 429/],
  ] satisfies [string, Step, RegExp][])('%s', async (_, step, verdict) => {
    expect(await beat(step)).toMatch(verdict);
    expect(server?.seen).toHaveLength(1);
  });

  it('is switched off', async () => {
    expect(await beat({ status: 201, body: {} }, { heartbeat: false })).toBeUndefined();
  });

  it('is outside everything that searches for detections', () => {
    const feed = feedStreamName('default');
    expect(feed.startsWith(streamName('', ''))).toBe(false);
    expect(feed.startsWith('logs-')).toBe(false);
    const rules = read('deploy/elasticsearch/kibana/detection-rules.ndjson').split('\n');
    const rule = rules.find((line) => line.includes('"rule_id":"stepsecurity-detections"'));
    expect(rule).toContain('logs-stepsecurity.');
    expect(rule).not.toContain('metrics-');
  });

  it('uses the same ECS version as detections', () => {
    const { ecs } = documentOf(testHeartbeat(), 'default') as { ecs: { version: string } };
    expect(read('mappings/_common.yaml')).toContain(`ecs.version: ${ecs.version}\n`);
  });

  it('has every field in its template, which accepts no other', () => {
    const file = new URL(
      '../../../deploy/elasticsearch/component-templates/metrics-stepsecurity.feed@package.json',
      import.meta.url,
    );
    const { mappings } = (JSON.parse(readFileSync(file, 'utf8')) as { template: { mappings: JsonObject } })
      .template;
    expect(mappings.dynamic).toBe(false);
    const ledger = closeLedger({
      command: 'run',
      started: 0,
      exitCode: 4,
      error: 'stopped',
      complete: false,
      source: 's',
      sink: 'd',
      tally: { ...createTally(), latest: 1 },
      abandoned: 0,
      counters: new Map(),
    });
    const sender = { id: 'i', configuration: 'c', version: 'v', host: 'h', passes: 1 };
    const document = documentOf(heartbeatOf(ledger, sender), 'default');
    // Copied there by the cluster: Kibana's charts do not read nested fields.
    const copied = 'stepsecurity.feed.unknown_kind_names';
    expect([...pathsOf(document), copied].sort()).toEqual(fieldsOf(mappings).sort());
  });
});

function pathsOf(value: Json | undefined, path = ''): string[] {
  if (!isObject(value)) return [path];
  return Object.entries(value).flatMap(([key, inner]) =>
    pathsOf(inner, path === '' ? key : `${path}.${key}`),
  );
}

/** A list of counts is one field. */
function fieldsOf(mapping: JsonObject, path = ''): string[] {
  if (mapping.type !== undefined || !isObject(mapping.properties)) return [path];
  return Object.entries(mapping.properties).flatMap(([key, inner]) =>
    fieldsOf(inner as JsonObject, path === '' ? key : `${path}.${key}`),
  );
}
