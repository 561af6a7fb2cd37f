import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from '@jest/globals';
import { list } from 'tar';
import { ROLE_SOURCETYPES, SOURCETYPE } from '../../src/sinks/splunk-hec/options.ts';
import { readEvents } from '../mapping/lint/events.ts';
import { ADDON, addonConf, compileSearch, readAddon } from './spl.ts';

const FILES = ['app', 'props', 'transforms', 'fields', 'eventtypes', 'tags', 'macros', 'savedsearches'];
const eventtypes = addonConf('eventtypes');
const tags = addonConf('tags');
const macros = addonConf('macros');
const props = addonConf('props');

/** Of no data model, and so without tags. */
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

  it('tag eventtypes that exist, and every eventtype', () => {
    const tagged = [...tags.keys()].map((stanza) => stanza.replace(/^eventtype=/, ''));
    expect([...tagged, ...UNTAGGED].sort()).toEqual([...eventtypes.keys()].sort());
    for (const settings of tags.values()) expect(new Set(settings.values())).toEqual(new Set(['enabled']));
  });

  it('need nothing enabled: events say themselves which eventtype is theirs', () => {
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

  it('hold regexes that compile and do what they are for', () => {
    for (const settings of props.values()) {
      const parts = 'a\r\nb\nc'.split(new RegExp(settings.get('LINE_BREAKER') ?? '(?!)'));
      expect(parts.filter((part) => /\w/.test(part))).toEqual(['a', 'b', 'c']);
      const prefix = settings.get('TIME_PREFIX');
      if (prefix !== undefined)
        expect('{"id":"x","event_time": 1753204032}').toMatch(new RegExp(`${prefix}\\d{10}`));
    }
  });

  it('look severities up in a table that exists, with the columns they name', () => {
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

  it('write no field of the lookup that the event has already', () => {
    const output = (props.get(SOURCETYPE)?.get('LOOKUP-stepsecurity_severity') ?? '').split(' OUTPUTNEW ')[1];
    const written = new Set(
      readEvents().flatMap(({ event, profile }) => (profile === 'activity' ? [] : Object.keys(event))),
    );
    expect(output?.split(' ').filter((field) => written.has(field))).toEqual([]);
  });

  it('ship the alerts for silence disabled', () => {
    const saved = addonConf('savedsearches');
    expect([...saved.values()].map((settings) => settings.get('disabled'))).toEqual(['1', '1']);
  });
});

describe('searches', () => {
  const xml = readAddon('default/data/ui/views/stepsecurity_overview.xml');
  const queries = [...xml.matchAll(/<query>([^<]*)<\/query>/g)].map((match) => match[1] ?? '');
  const saved = [...addonConf('savedsearches').values()].map((settings) => settings.get('search') ?? '');
  const definitions = [...macros.values()].map((settings) => settings.get('definition') ?? '');

  it('name macros that exist', () => {
    const named = [...queries, ...saved, ...definitions].flatMap((search) => search.match(/`[^`]*`/g) ?? []);
    expect(named.length).toBeGreaterThan(3);
    for (const macro of named) expect([...macros.keys()]).toContain(macro.slice(1, -1));
  });

  it('use every macro', () => {
    const all = [...queries, ...saved, ...definitions].join('\n');
    for (const name of macros.keys()) expect(all).toContain(`\`${name}\``);
  });

  it('have balanced quotes and parentheses', () => {
    for (const search of [...queries, ...saved, ...definitions]) {
      const bare = search.replaceAll(/"[^"]*"/g, '');
      expect(bare).not.toContain('"');
      expect(bare.split('(').length).toBe(bare.split(')').length);
      expect((search.split('`').length - 1) % 2).toBe(0);
    }
  });

  it('of the panels use only fields that the base search hands on, or that they make', () => {
    const [base = '', ...panels] = queries;
    const handed = new Set((/\| fields ([\w ]+)$/.exec(base)?.[1] ?? '').split(' '));
    expect(handed.size).toBeGreaterThan(8);
    const verbs = /^(stats|where|eval|sort|fields|head|rename|timechart|fillnull|search)\b/;
    const words = /^(count|sum|dc|max|values|AS|BY|if|match|strftime|value|IN|OR)$/;
    for (const panel of panels.filter((query) => !query.startsWith('|'))) {
      const known = new Set(handed);
      for (const step of panel.split(' | ')) {
        expect(step).toMatch(verbs);
        for (const made of step.matchAll(/\bAS (\w+)|(\w+)=(?!")/g)) known.add(made[1] ?? made[2] ?? '');
        if (/^(stats|timechart)\b/.test(step)) known.add('count');
        const named =
          step
            .replace(verbs, '')
            .replaceAll(/"[^"]*"/g, '')
            .match(/[A-Za-z_]\w*/g) ?? [];
        for (const word of named) if (!words.test(word)) expect([...known]).toContain(word);
      }
    }
  });

  it('of the dashboard count as blocked what was, and no dry run and no change of state', () => {
    const [base = ''] = queries;
    const blocked = compileSearch(/eval blocked=if\((.*?), 1, 0\)/.exec(base)?.[1] ?? '');
    const macro = macros.get('stepsecurity_detections')?.get('definition') ?? '';
    const isFound = compileSearch(macro.replace(/`\w+` /, ''));
    const events = readEvents().filter(({ profile }) => profile !== 'activity' && profile !== 'alerts_only');
    const counted = events
      .map(({ event, detection, profile }) => ({
        detection,
        event: {
          sourcetype: profile === 'state_change' ? ROLE_SOURCETYPES.state_change : SOURCETYPE,
          ...event,
        },
      }))
      .filter(({ event }) => isFound(event) && blocked(event))
      .map(({ detection }) => detection);
    expect(counted.length).toBeGreaterThan(5);
    for (const { change, event, policy } of counted) {
      expect(change).toBeUndefined();
      expect(event.type).toContain('denied');
      expect(policy?.status).not.toBe('DryRunBlocked');
    }
    const rehearsed = events.filter(({ detection }) => detection.policy?.status === 'DryRunBlocked');
    expect(rehearsed.length).toBeGreaterThan(0);
  });

  it('of the dashboard use only tokens that an input sets', () => {
    const set = new Set([...xml.matchAll(/ token="(?:form\.)?(\w+)"/g)].map((match) => match[1]));
    const used = [...xml.matchAll(/\$(\w+)(?:\.\w+)?(?:\|n)?\$/g)].map((match) => match[1]);
    for (const token of used) if (token !== 'row') expect(set).toContain(token);
  });

  test.each(['views/stepsecurity_overview.xml', 'nav/default.xml'])('%s is well-formed XML', (name) => {
    const text = readAddon(`default/data/ui/${name}`);
    const open: string[] = [];
    const rest = text.replaceAll(
      /<(\/?)([a-z]+)((?: [A-Za-z_]+="[^"<]*")*)(\/?)>/g,
      (_, end, tag, _attributes, empty) => {
        if (end === '/') expect(open.pop()).toBe(tag);
        else if (empty !== '/') open.push(tag);
        return '';
      },
    );
    expect(open).toEqual([]);
    expect(rest).not.toMatch(/[<]|&(?!amp;|lt;|gt;|quot;)/);
  });
});

describe('the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'addon-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const build = (name: string): string =>
    execFileSync('node', ['scripts/build-splunk-addon.js', join(folder, name)], { encoding: 'utf8' }).trim();
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

  it('is the same bytes each time, named by the version, one folder, plain files', () => {
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

test('the dashboard quotes what a click or a choice puts into a search', () => {
  const folder = join(ADDON, 'default/data/ui/views');
  for (const name of readdirSync(folder)) {
    const view = readFileSync(join(folder, name), 'utf8');
    const searches = [...view.matchAll(/<query>(.*?)<\/query>/gs)].map(([, query]) => query ?? '');
    const tokens = searches.flatMap((query) => [...query.matchAll(/\$([\w.]+)(\|\w)?\$/g)]);
    expect(searches.length).toBeGreaterThan(0);
    expect(tokens.filter(([, , filter]) => filter !== '|s').map(([token]) => token)).toEqual([]);
    // A link goes to a field that is an http(s) URL or missing; every other drilldown only sets an input.
    expect([...view.matchAll(/<link[^>]*>(.*?)<\/link>/g)].map(([, link]) => link)).toEqual(
      view.includes('<link') ? ['$row.html_url|n$'] : [],
    );
  }
});
