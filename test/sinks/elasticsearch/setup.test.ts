import { afterEach, describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../../src/contracts/errors.ts';
import type { Finding } from '../../../src/contracts/types.ts';
import { elasticsearch } from '../../../src/sinks/elasticsearch/index.ts';
import { testContext, testDocument } from '../../contract/sink.ts';
import { indexMade, isIndex, problem, type Script, type Scripted, type Seen, script } from './scripted.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function open(steps: Script): Promise<Scripted> {
  const server = await script(steps);
  closing.push(server.close);
  return server;
}

const context = () => ({ ...testContext(), samples: () => [testDocument('sample')] });
const options = (url: string) => elasticsearch.schema.parse({ urls: [url] });

async function setup(url: string, print = false): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of elasticsearch.setup?.(options(url), context(), print) ?? []) lines.push(line);
  return lines;
}

async function check(url: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of elasticsearch.check?.(options(url), context()) ?? []) findings.push(finding);
  return findings;
}

/** A cluster that keeps what it is given and has these processors. */
function keeping(
  processors: readonly string[],
  over: (request: Seen) => ReturnType<NonNullable<Script['other']>>,
) {
  const held = new Map<string, unknown>();
  const types = processors.map((type) => ({ type }));
  return (request: Seen) => {
    const special = over(request);
    if (special !== undefined) return special;
    if (request.path === '/_nodes/ingest') {
      return { status: 200, body: { nodes: { a: { ingest: { processors: types } } } } };
    }
    if (request.method === 'PUT') {
      const body = JSON.parse(request.body) as Record<string, unknown>;
      const name = decodeURIComponent(request.path.split('/').at(-1) ?? '');
      if (request.path.startsWith('/_index_template'))
        held.set(request.path, { index_templates: [{ index_template: body }] });
      else if (request.path.startsWith('/_component'))
        held.set(request.path, { component_templates: [{ component_template: body }] });
      else held.set(request.path, { [name]: body });
      return { status: 200, body: { acknowledged: true } };
    }
    if (/^\/_(ilm|component|ingest\/pipeline|index_t)/.test(request.path)) {
      const body = held.get(request.path);
      return body === undefined ? { status: 404, body: {} } : { status: 200, body };
    }
    return undefined;
  };
}

const all = ['set', 'registered_domain', 'geoip', 'rename', 'remove', 'pipeline'];
const processorsOf = (server: Scripted): string[] => {
  const put = server.seen.find(
    ({ method, path }) => method === 'PUT' && path.startsWith('/_ingest/pipeline'),
  );
  const { processors } = JSON.parse(put?.body ?? '{"processors":[]}') as {
    processors: Record<string, unknown>[];
  };
  return processors.flatMap((processor) => Object.keys(processor));
};

describe('setup', () => {
  it('creates everything, then finds it unchanged', async () => {
    const noStream = (request: Seen) =>
      request.path.startsWith('/_data_stream') ? problem(404, 'index_not_found_exception') : undefined;
    const server = await open({ other: keeping(all, noStream) });
    expect((await setup(server.url)).map((line) => line.split(': ')[1])).toEqual(Array(10).fill('created'));
    expect((await setup(server.url)).map((line) => line.split(': ')[1])).toEqual(Array(10).fill('unchanged'));
    expect(server.seen.filter(({ method }) => method === 'PUT')).toHaveLength(10);
  });

  it('leaves out what the nodes do not have', async () => {
    const server = await open({ other: keeping(['set', 'rename', 'remove', 'pipeline'], () => undefined) });
    await setup(server.url);
    expect(processorsOf(server)).not.toContain('geoip');
    expect(processorsOf(server)).not.toContain('registered_domain');
    expect(processorsOf(server)).toContain('set');
  });

  it('keeps an existing lifecycle policy', async () => {
    const policy = { policy: { phases: {} } };
    const theirs = { 'logs-stepsecurity': policy, 'metrics-stepsecurity.feed': policy };
    const server = await open({
      other: keeping(all, ({ method, path }) =>
        method === 'GET' && path.startsWith('/_ilm') ? { status: 200, body: theirs } : undefined,
      ),
    });
    expect(await setup(server.url)).toContain('ilm policy logs-stepsecurity: kept');
    expect(server.seen.some(({ method, path }) => method === 'PUT' && path.startsWith('/_ilm'))).toBe(false);
  });

  it('rolls existing streams over, immediately where lazy rollover is unknown', async () => {
    const server = await open({
      other: keeping(all, ({ path, query }) => {
        if (!path.endsWith('/_rollover')) return undefined;
        if (query.has('lazy'))
          return problem(400, 'illegal_argument_exception', 'unrecognized parameter: [lazy]');
        return { status: 200, body: {} };
      }),
    });
    expect(await setup(server.url)).toContain('data stream logs-stepsecurity.pr_check-default: rolled over');
  });

  it('rolls over a stream from another template, even if nothing else changed', async () => {
    let ours = true;
    const server = await open({
      other: keeping(all, (request) => {
        if (request.path.endsWith('/_rollover')) return { status: 200, body: {} };
        return isIndex(request) ? indexMade(request, 0, ours) : undefined;
      }),
    });
    await setup(server.url);
    const again = async () => (await setup(server.url)).filter((line) => !line.endsWith(': unchanged'));
    expect(await again()).toEqual([]);
    ours = false;
    expect(await again()).toContain(
      'data stream logs-stepsecurity.detection-default: rolls over with the next write',
    );
  });

  it('says what is not permitted', async () => {
    const server = await open({
      other: keeping(all, ({ method }) =>
        method === 'PUT' ? problem(403, 'security_exception') : undefined,
      ),
    });
    await expect(setup(server.url)).rejects.toThrow(ConfigError);
  });

  it('prints without a server', async () => {
    const lines = await setup('http://127.0.0.1:1', true);
    expect(lines).toHaveLength(10);
    for (const line of lines) {
      expect(JSON.parse(line)).toMatchObject({ method: 'PUT', path: expect.stringMatching(/^\/_/) });
    }
  });
});

describe('check', () => {
  const stateOf = (findings: readonly Finding[], name: string) =>
    findings.find((finding) => finding.check.startsWith(name))?.status;

  it('is one failed finding if the server is unreachable', async () => {
    expect(await check('http://127.0.0.1:1')).toMatchObject([{ check: 'elasticsearch', status: 'failed' }]);
  });

  it('is one failed finding for refused credentials', async () => {
    const server = await open({ other: () => problem(401, 'security_exception') });
    expect(await check(server.url)).toMatchObject([
      { status: 'failed', detail: expect.stringContaining('401') },
    ]);
  });

  it('names what is not installed, not permitted and not mappable, each with a fix', async () => {
    const stream = 'logs-stepsecurity.detection-default';
    const server = await open({
      other: keeping(all, ({ path }) => {
        if (path.endsWith('_has_privileges')) {
          return { status: 200, body: { index: { [stream]: { read: true, create_doc: false } } } };
        }
        if (path.startsWith('/_data_stream')) {
          return { status: 200, body: { data_streams: [{ name: stream, template: 'logs' }] } };
        }
        if (path === '/_ingest/_simulate') {
          const error = {
            type: 'document_parsing_exception',
            reason: "bad. Preview of field's value: 'hidden'",
          };
          return { status: 200, body: { docs: [{ doc: { error } }] } };
        }
        return undefined;
      }),
    });
    const findings = await check(server.url);
    expect(stateOf(findings, 'elasticsearch')).toBe('ok');
    for (const name of ['index templates', 'index privileges', 'data stream', 'sample document']) {
      expect(stateOf(findings, name)).toBe('failed');
    }
    expect(findings.filter(({ status, fix }) => status !== 'ok' && fix === undefined)).toEqual([]);
    expect(JSON.stringify(findings)).not.toContain('hidden');
  });

  it('passes on a cluster that setup has prepared, with security off', async () => {
    const server = await open({
      other: keeping(all, ({ path }) => {
        if (path.endsWith('_has_privileges')) return { status: 400, body: { error: 'no handler found' } };
        if (path === '/_ingest/_simulate') return { status: 200, body: { docs: [{ doc: {} }] } };
        return path.startsWith('/_data_stream') ? problem(404, 'index_not_found_exception') : undefined;
      }),
    });
    await setup(server.url);
    expect((await check(server.url)).map(({ status }) => status)).toEqual(Array(6).fill('ok'));
  });
});
