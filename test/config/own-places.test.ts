import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ownPlaceTest, refuseInSource } from '../../src/config/own-places.ts';
import { loadRoute, type Route } from '../../src/config/route.ts';

function load(tree: Record<string, unknown>): Route {
  const whole = { sink: { type: 'ndjson' }, ...tree };
  return loadRoute(
    undefined,
    Object.entries(whole).map(([key, value]) => ({ path: [key], value })),
  );
}

const s3 = (bucket: string, prefixes: string[], more: Record<string, unknown> = {}) => ({
  source: { type: 's3', bucket, prefixes, start: 'now', ...more },
});
const kept = (bucket: string, prefix: string, more: Record<string, unknown> = {}) => ({
  type: 's3',
  bucket,
  prefix,
  ...more,
});
const away = { state: kept('another', 'x') };
const minio = { endpoint: 'http://localhost:9000' };

describe('state in the source bucket', () => {
  it.each([
    ['the whole bucket', [''], 'siem'],
    ['a folder around it', ['data/'], 'data/siem'],
    ['a prefix of its name', ['si'], 'siem'],
    ['a template around it', ['d/{{.Year}}/{{.Month}}/'], 'd/siem'],
    ['one of several', ['a/', 'siem/'], 'siem'],
    ['a folder inside it', ['siem/detections/'], 'siem/'],
    ['a template inside it', ['siem/{{.Year}}/'], 'siem'],
  ])('is refused when %s is read', (_, prefixes, prefix) => {
    expect(() => load({ ...s3('bucket', prefixes), state: kept('bucket', prefix) })).toThrow(
      /^state: s3:\/\/bucket\/.*choose another location/,
    );
    const letters = { ...s3('bucket', prefixes), ...away, dead_letters: { store: kept('bucket', prefix) } };
    expect(() => load(letters)).toThrow(/^dead_letters\.store: /);
  });

  it('is refused whatever URL the AWS endpoint is given as', () => {
    const state = kept('bucket', 'siem', { endpoint: 'https://s3.eu-central-1.amazonaws.com' });
    expect(() => load({ ...s3('bucket', ['']), state })).toThrow(/^state: /);
  });

  it.each([
    ['another bucket', s3('bucket', ['']), kept('other-bucket', 'siem')],
    ['another folder', s3('bucket', ['detections/']), kept('bucket', 'siem')],
    ['a folder whose name starts the same', s3('bucket', ['siem/']), kept('bucket', 'siem-state')],
  ])('is accepted in %s', (_, source, state) => {
    const config = load({ ...source, state });
    expect(ownPlaceTest(config)?.('siem-state/run') ?? false).toBe(state.prefix === 'siem-state');
  });

  it.each([
    [
      'one server under two names',
      s3('bucket', [''], minio),
      kept('bucket', 'siem', { endpoint: 'http://127.0.0.1:9000' }),
    ],
    [
      'an access point',
      s3('arn:aws:s3:eu-central-1:111122223333:accesspoint/ap', ['']),
      kept('bucket', 'siem'),
    ],
    ['an alias of an access point', s3('ap-abc-s3alias', ['']), kept('bucket', 'siem')],
  ])('is skipped by its prefix when the two cannot be shown to be the same: %s', (_, source, state) => {
    const isOurs = ownPlaceTest(load({ ...source, state }));
    expect(['siem/run', 'siem', 'siemens/a', 'a/siem/b'].map((key) => isOurs?.(key))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    const inside = { ...source.source, prefixes: ['siem/detections/'] };
    expect(() => load({ source: inside, state })).toThrow(/^state: .* contains what source.prefixes names/);
  });
});

describe('state, letters and output in the source folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'own-places-')));
    await mkdir(join(folder, 'in/deep'), { recursive: true });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const at = (path: string): string => join(folder, path);
  const file = (path: string) => ({ source: { type: 'file', path: at(path) } });
  const state = (path: string) => ({ state: { type: 'file', path: at(path) } });

  const refused: [string, () => Record<string, unknown>][] = [
    ['state', () => ({ ...file('in'), ...state('in/state') })],
    ['state', () => ({ ...file('in/'), ...state('in') })],
    ['state', () => ({ ...file('in/**'), ...state('in/deep/state') })],
    ['state', () => ({ ...file('in/deep'), ...state('in') })],
    ['state', () => ({ ...file('in/deep/*.json'), ...state('in') })],
    [
      'dead_letters.store',
      () => ({ ...file('in'), ...state('s'), dead_letters: { store: state('in/l').state } }),
    ],
    [
      'sink.path',
      () => ({ ...file('in'), ...state('s'), sink: { type: 'ndjson', path: at('in/out.ndjson') } }),
    ],
    ['sink.path', () => ({ ...file('in'), ...state('s'), sink: { type: 'ndjson', path: at('in/out/') } })],
    [
      'sink.path',
      () => ({ ...file('in/a.json'), ...state('s'), sink: { type: 'ndjson', path: at('in/a.json') } }),
    ],
  ];
  it.each(refused)('%s is refused: %s', (key, tree) => {
    expect(() => load(tree())).toThrow(new RegExp(`^${key}: .*choose another location`));
  });

  it('is refused through links, and when state is not given', async () => {
    await symlink(at('in'), at('link'));
    expect(() => load({ ...file('link'), ...state('in/state') })).toThrow(/^state: /);
    expect(() => load({ ...file('in'), ...state('link/new/state') })).toThrow(/^state: /);
    expect(() => load({ source: { type: 'file', path: '.' } })).toThrow(/^state \(not given/);
  });

  it('is refused for a file that a command writes', () => {
    const config = load({ ...file('in'), ...state('s') });
    expect(() => refuseInSource(config, at('in/uids.csv'), '--uids')).toThrow(/^--uids: /);
    refuseInSource(config, at('uids.csv'), '--uids');
  });

  it('is accepted next to the source, and skipped by its path when a pattern matches it', async () => {
    await writeFile(at('in/a.json'), '{}');
    expect(ownPlaceTest(load({ ...file('in'), ...state('in-state') }))).toBeUndefined();
    expect(ownPlaceTest(load({ ...file('in/a.json'), ...state('in/state') }))).toBeUndefined();
    const isOurs = ownPlaceTest(load({ ...file('in/**/*.json'), ...state('in/state') }));
    expect(
      [at('in/state/x.json'), at('in/state.json'), at('in/a.json')].map((path) => isOurs?.(path)),
    ).toEqual([true, false, false]);
  });
});
