import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from '@jest/globals';
import { list } from 'tar';
import { ROLE_SOURCETYPES, SOURCETYPE } from '../../src/sinks/splunk-hec/options.ts';
import { readEvents } from '../mapping/lint/events.ts';
import { ADDON, addonConf, readAddon } from './spl/addon.ts';
import { expandMacros } from './spl/macros.ts';
import { pipeline } from './spl/pipeline.ts';
import { readView } from './spl/view.ts';
import { childrenOf, parseXml } from './spl/xml.ts';

const FILES = [
  'app',
  'props',
  'transforms',
  'fields',
  'eventtypes',
  'tags',
  'macros',
  'savedsearches',
  'workflow_actions',
];
const VIEWS = readdirSync(join(ADDON, 'default/data/ui/views')).map((name) => name.replace(/\.xml$/, ''));
const eventtypes = addonConf('eventtypes');
const tags = addonConf('tags');
const macros = addonConf('macros');
const props = addonConf('props');

/** Belong to no data model, and so have no tags. */
const UNTAGGED = ['stepsecurity_closed', 'stepsecurity_state_change'];
const SOURCETYPES = [SOURCETYPE, ...Object.values(ROLE_SOURCETYPES)];

describe('the conf files', () => {
  test.each(FILES)('%s.conf is well formed', (name) => {
    expect(addonConf(name).size).toBeGreaterThan(0);
  });

  it('are all of the conf files', () => {
    const found = readdirSync(join(ADDON, 'default')).filter((name) => name.endsWith('.conf'));
    expect(found.sort()).toEqual(FILES.map((name) => `${name}.conf`).sort());
  });

  it('tag only existing eventtypes, and every eventtype', () => {
    const tagged = [...tags.keys()].map((stanza) => stanza.replace(/^eventtype=/, ''));
    expect([...tagged, ...UNTAGGED].sort()).toEqual([...eventtypes.keys()].sort());
    for (const settings of tags.values()) expect(new Set(settings.values())).toEqual(new Set(['enabled']));
  });

  it('need nothing enabled: events name their own eventtype', () => {
    for (const settings of eventtypes.values()) expect(settings.has('disabled')).toBe(false);
  });

  it('know the source types that the sender writes', () => {
    for (const sourcetype of SOURCETYPES) expect(props.has(sourcetype)).toBe(true);
    const indexed = [...addonConf('fields').keys()].map((stanza) => stanza.split('::').slice(1));
    expect(indexed).toEqual(SOURCETYPES.map((sourcetype) => [sourcetype, 'uid*']));
  });

  it('never extract twice: KV_MODE json without INDEXED_EXTRACTIONS', () => {
    for (const settings of props.values()) {
      expect(settings.get('KV_MODE')).toBe('json');
      expect(settings.has('INDEXED_EXTRACTIONS')).toBe(false);
    }
  });

  it('contain regexes that compile and do their job', () => {
    for (const settings of props.values()) {
      const parts = 'a\r\nb\nc'.split(new RegExp(settings.get('LINE_BREAKER') ?? '(?!)'));
      expect(parts.filter((part) => /\w/.test(part))).toEqual(['a', 'b', 'c']);
      const prefix = settings.get('TIME_PREFIX');
      if (prefix !== undefined)
        expect('{"id":"x","event_time": 1753204032}').toMatch(new RegExp(`${prefix}\\d{10}`));
    }
  });

  it('look severities up in an existing table, by columns it has', () => {
    const [transform, ...words] = (props.get(SOURCETYPE)?.get('LOOKUP-stepsecurity_severity') ?? '').split(
      ' ',
    );
    const file =
      addonConf('transforms')
        .get(transform ?? '')
        ?.get('filename') ?? '';
    const [header, ...rows] = readAddon(`lookups/${file}`).trimEnd().split('\n');
    const columns = header?.split(',') ?? [];
    for (const word of words.filter((word) => word !== 'OUTPUTNEW')) expect(columns).toContain(word);
    expect(rows).toEqual(['0,1', '21,2', '47,3', '73,4', '99,5']);
  });

  it('take no field from the lookup that the event already has', () => {
    const output = (props.get(SOURCETYPE)?.get('LOOKUP-stepsecurity_severity') ?? '').split(' OUTPUTNEW ')[1];
    const written = new Set(
      readEvents().flatMap(({ event, profile }) => (profile === 'activity' ? [] : Object.keys(event))),
    );
    expect(output?.split(' ').filter((field) => written.has(field))).toEqual([]);
  });

  it('ship every saved search disabled', () => {
    for (const settings of addonConf('savedsearches').values()) expect(settings.get('disabled')).toBe('1');
  });

  it('run every search whose next run covers another time range, without skipping any', () => {
    for (const [name, settings] of addonConf('savedsearches'))
      if (settings.get('dispatch.earliest_time')?.endsWith('m@m') || name.endsWith(' - Rule'))
        expect([name, settings.get('realtime_schedule')]).toEqual([name, '0']);
  });

  it('throttle alerts separately: an alert about one feed does not silence another', () => {
    for (const [name, settings] of addonConf('savedsearches')) {
      if (name.endsWith(' - Rule') || !/ BY configuration /.test(settings.get('search') ?? '')) continue;
      expect(settings.get('alert.digest_mode')).toBe('0');
      expect(settings.get('alert.suppress.fields')).toMatch(/^configuration,feed_source\b/);
    }
  });

  it('link only to the web and to views of this app', () => {
    const links = [...addonConf('workflow_actions').values()].map(
      (settings) => settings.get('link.uri') ?? '',
    );
    for (const link of links)
      if (!link.startsWith('https://'))
        expect(VIEWS).toContain(/^\/app\/TA-stepsecurity\/(\w+)\?/.exec(link)?.[1]);
    expect(links).toHaveLength(2);
  });
});

describe('searches', () => {
  /** `whole` are those not based on the results of another. */
  const views = VIEWS.map((name) => {
    const { bases, rows } = readView(name);
    const searches = [...bases.values(), ...rows.flat().map(({ search }) => search)];
    const queriesOf = (some: typeof searches): string[] => some.map(({ query }) => query);
    return { all: queriesOf(searches), whole: queriesOf(searches.filter(({ base }) => base === undefined)) };
  });
  const queries = views.flatMap(({ all }) => all);
  const saved = [...addonConf('savedsearches').values()].flatMap((settings) => {
    const drilldowns = JSON.parse(settings.get('action.notable.param.drilldown_searches') ?? '[]') as {
      search: string;
    }[];
    return [settings.get('search') ?? '', ...drilldowns.map(({ search }) => search)];
  });
  const definitions = [...macros.values()].map((settings) => settings.get('definition') ?? '');

  it('name macros that exist', () => {
    const all = [...queries, ...saved, ...definitions];
    expect(all.length).toBeGreaterThan(50);
    for (const search of all) expect(expandMacros(search)).not.toContain('`');
  });

  it('use every macro', () => {
    const all = [...queries, ...saved, ...definitions].join('\n');
    // Provided for the operator's own searches.
    const forPeople = ['stepsecurity_detections'];
    for (const name of macros.keys())
      if (!forPeople.includes(name)) expect(all).toMatch(new RegExp(`\`${name.replace(/\(\d\)$/, '')}[\`(]`));
  });

  it('start with the index from the macro', () => {
    const whole = [...views.flatMap(({ whole }) => whole), ...saved];
    expect(whole.length).toBeGreaterThan(25);
    for (const search of whole)
      expect(pipeline(expandMacros(search))[0]).toMatch(/(?:^|WHERE )index=stepsecurity /);
  });

  it('have balanced quotes and parentheses', () => {
    for (const search of [...queries, ...saved, ...definitions]) {
      const bare = search.replaceAll(/"[^"]*"/g, '');
      expect(bare).not.toContain('"');
      expect(bare.split('(').length).toBe(bare.split(')').length);
      expect((search.split('`').length - 1) % 2).toBe(0);
    }
  });
});

describe('the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'addon-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const build = (name: string): string =>
    execFileSync('node', ['scripts/build-splunk-addon.js', join(folder, name)], { encoding: 'utf8' }).trim();
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

  it('is the same bytes every time, is named after the version, and holds one folder of plain files', () => {
    const [first, second] = [build('a'), build('b')];
    const hash = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
    expect(hash(first)).toBe(hash(second));
    expect(first).toMatch(new RegExp(`/TA-stepsecurity-${version}\\.tgz$`));
    const stamped: string[] = [];
    list({
      file: first,
      sync: true,
      onReadEntry: (entry) => {
        expect(entry.path).toMatch(/^TA-stepsecurity\//);
        expect(entry.path).not.toMatch(/\/local|local\.meta|\/\./);
        if (entry.type === 'File') expect((entry.mode ?? 0) & 0o777).toBe(0o644);
        entry.on('data', (chunk: Buffer) => {
          expect(chunk.includes('@VERSION@')).toBe(false);
          if (chunk.includes(`version = ${version}`) || chunk.includes(`"version": "${version}"`))
            stamped.push(entry.path);
        });
      },
    });
    expect(stamped.sort()).toEqual(['TA-stepsecurity/app.manifest', 'TA-stepsecurity/default/app.conf']);
  });

  test.each([
    ['appIcon', 36],
    ['appIcon_2x', 72],
    ['appIconAlt', 36],
    ['appIconAlt_2x', 72],
  ])('%s is a PNG of %d pixels', (name, size) => {
    const bytes = readFileSync(join(ADDON, 'static', `${name}.png`));
    expect(bytes.subarray(1, 4).toString('latin1')).toBe('PNG');
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([size, size]);
  });
});

describe.each(VIEWS)('the dashboard %s', (name) => {
  const xml = readAddon(`default/data/ui/views/${name}.xml`);
  const view = readView(name);

  it('quotes what a click or a choice puts into a search', () => {
    const searches = [...xml.matchAll(/<query>(.*?)<\/query>/gs)].map(([, query]) => query ?? '');
    const tokens = searches.flatMap((query) => [...query.matchAll(/\$([\w.]+)(\|\w)?\$/g)]);
    expect(searches.length).toBeGreaterThan(0);
    expect(tokens.filter(([, , filter]) => filter !== '|s').map(([token]) => token)).toEqual([]);
  });

  it('ends each base search in a table: Splunk passes panels only the fields it names', () => {
    for (const { query } of view.bases.values()) expect(pipeline(query).at(-1)).toMatch(/^table /);
  });

  it('uses only tokens that an input sets', () => {
    const used = [...xml.matchAll(/\$(\w+(?:\.(?:earliest|latest))?)(?:\|s)?\$/g)].map(
      (match) => match[1] ?? '',
    );
    expect(used.length).toBeGreaterThan(0);
    for (const token of used) expect(Object.keys(view.defaults)).toContain(token);
  });

  it('sets only tokens of inputs', () => {
    for (const [, token = ''] of xml.matchAll(/<set token="(?:form\.)?(\w+)"/g))
      expect(Object.keys(view.defaults)).toContain(token);
  });

  it('links to a web address, or to a view of this app with the clicked value escaped', () => {
    for (const [, link = ''] of xml.matchAll(/<link[^>]*>(.*?)<\/link>/g)) {
      if (link === '$row.console_url|n$') continue;
      expect(VIEWS).toContain(/^\/app\/TA-stepsecurity\/(\w+)\?/.exec(link)?.[1]);
      for (const [, filter] of link.matchAll(/\$row\.\w+(\|\w)?\$/g)) expect(filter).toBe('|u');
    }
  });

  it('shows, and links from, only columns that its search produces', () => {
    for (const { columns, search } of view.rows.flat())
      for (const column of columns ?? []) expect(search.query).toMatch(new RegExp(`\\b${column}\\b`));
  });

  it('has panels with unique names, and is in the navigation', () => {
    const ids = view.rows.flatMap((row) => row.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).not.toContain('');
    const shown = parseXml(readAddon('default/data/ui/nav/default.xml'));
    expect(childrenOf(shown, 'view').map(({ attributes }) => attributes.name)).toContain(name);
  });
});
