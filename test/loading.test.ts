import { describe, expect, it } from '@jest/globals';
import { globSync } from 'tinyglobby';
import { loadedWith } from './loaded-with.ts';
import { ROOT, read } from './markdown.ts';

/**
 * A start should load only what its command and its configuration need: loading is most of the cost of a run with
 * nothing new.
 */

const packages = (path: string): readonly string[] => loadedWith(path).filter((one) => !one.endsWith('.ts'));

describe('a registry loads the options of its kinds, but not their code', () => {
  it.each(['sources', 'sinks', 'state'])('%s', (room) => {
    const loaded = loadedWith(`${room}/index.ts`);
    expect(loaded).toContain('contracts/units.ts');
    expect(packages(`${room}/index.ts`)).toEqual(['zod']);
    const rooms = new Set(loaded.flatMap((path) => (path.endsWith('.ts') ? [path.split('/')[0]] : [])));
    for (const working of ['io', 'net', 'objects', 'records']) expect(rooms).not.toContain(working);
  });
});

it('Elasticsearch is probed, and gets its heartbeat, without the client', () => {
  expect(packages('sinks/elasticsearch/sink.ts')).toContain('@elastic/elasticsearch');
  expect(packages('sinks/elasticsearch/open.ts')).not.toContain('@elastic/elasticsearch');
});

it('a run loads decoding, mapping and terminal output only when they are needed', () => {
  const parts = ['config/route.ts', 'pipeline/run.ts', 'session/when-needed.ts', 'commands/output.ts'];
  const loaded = new Set(parts.flatMap(loadedWith));
  expect(loaded).toContain('pipeline/batch.ts');
  for (const late of [
    'detections/decode.ts',
    'mapping/load.ts',
    'commands/summary.ts',
    'stepsecurity/client.ts',
  ])
    expect(loaded).not.toContain(late);
});

it('zod is imported as a namespace: of any other import, a bundle holds its messages in all languages', () => {
  const others = globSync('src/**/*.ts', { cwd: ROOT }).filter((file) =>
    /^import \{.*'zod';$/m.test(read(file)),
  );
  expect(others).toEqual([]);
});
