import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { drawDashboard } from '../../scripts/kibana/picture/picture.ts';
import type { JsonObject } from '../../src/contracts/types.ts';
import { textOf } from '../../src/mapping/lint/flatten.ts';
import { drawnOf, linksOf } from '../kibana/drawn.ts';
import { GOLDEN, loadedInto, SCENARIO } from '../kibana/loaded.ts';
import { controlsOf, ofType, type Saved } from '../kibana/objects.ts';
import { type Asked, answerOf, askedPanels, expectedOf, nameOf, searchOf } from '../kibana/panels.ts';
import { describeWith, need } from './require.ts';

describeWith(
  ['ELASTICSEARCH_URL'],
  'the panels of the Kibana dashboards, asked of a real Elasticsearch',
  () => {
    const loaded = loadedInto(need('ELASTICSEARCH_URL'), 'kibana');
    beforeAll(loaded.load);
    afterAll(loaded.unload);

    type Times = readonly [string, string];
    async function answered(asked: Asked, without: readonly string[][], times: Times = SCENARIO) {
      const searches = without.map((ids) => searchOf(asked, times, ids));
      return (await loaded.ask(asked.index, searches)).map((reply) => answerOf(asked, reply));
    }
    /** The documents that a panel reads; only these can change it. */
    async function seenBy(asked: Asked): Promise<string[]> {
      const { aggs: _, ...search } = searchOf(asked, SCENARIO);
      const { hits } = await loaded.askOne(asked.index, { ...search, size: 500 });
      return hits.hits.map(({ _id }) => _id);
    }

    const panels = askedPanels();
    const needed = new Set<string>();

    describe.each([...new Set(panels.map(({ dashboard }) => dashboard))])('%s', (dashboard) => {
      const own = panels.filter((panel) => panel.dashboard === dashboard);
      const expected = expectedOf(dashboard);

      it('has numbers for each panel, and for nothing else', () => {
        expect(Object.keys(expected).sort()).toEqual(own.map(({ id }) => id).sort());
      });

      it.each(own.map((asked) => [asked.id, asked] as const))('%s', async (id, asked) => {
        const [rows] = await answered(asked, [[]]);
        expect(rows).toEqual(expected[id]);

        // Documents that change the numbers when they are removed.
        const seen = await seenBy(asked);
        const without = await answered(
          asked,
          seen.map((one) => [one]),
        );
        const missed = seen.filter((_, at) => JSON.stringify(without[at]) !== JSON.stringify(expected[id]));
        expect(missed.length).toBeGreaterThan(0);
        for (const one of missed) needed.add(one);
      });
    });

    it.each(ofType('dashboard').map((one) => [nameOf(one), one] as const))(
      'the picture of %s shows what its panels returned',
      async (name, dashboard) => {
        const drawn = await Promise.all(
          panels
            .filter((asked) => asked.dashboard === name)
            .map(async (asked) =>
              drawnOf(asked, await loaded.askOne(asked.index, searchOf(asked, SCENARIO)), SCENARIO),
            ),
        );
        const svg = drawDashboard(
          textOf(dashboard.attributes.title),
          [...linksOf(dashboard), ...drawn],
          'two weeks of the test scenario',
        );
        const file = new URL(`../../docs/pictures/kibana-${name}.svg`, import.meta.url);
        if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, svg);
        expect(readFileSync(file, 'utf8')).toBe(svg);
      },
    );

    it('every document of the scenario matters', () => {
      // A check that passed is there to be excluded.
      expect(loaded.ids().filter((id) => !needed.has(id))).toEqual(['docs passed']);
    });

    it('the golden documents also give every panel a result', async () => {
      const empty: string[] = [];
      for (const asked of panels.filter(({ dashboard }) => dashboard !== 'feed')) {
        const [rows = []] = await answered(asked, [[]], GOLDEN);
        if (rows.length === 0 || JSON.stringify(rows) === '[[0]]') empty.push(asked.id);
      }
      expect(empty).toEqual([]);
    });

    describe('the data views', () => {
      const view = ofType('index-pattern').find(({ attributes }) => attributes.name === 'StepSecurity');
      const runtime_mappings = JSON.parse(textOf(view?.attributes.runtimeFieldMap)) as JsonObject;

      it('link every document of a run to the vendor’s console', async () => {
        const fields = ['stepsecurity.console_url'];
        const query = { range: { '@timestamp': { gte: SCENARIO[0] } } };
        const search = { size: 500, query, runtime_mappings, fields };
        const { hits } = await loaded.askOne(textOf(view?.attributes.title), search);
        const links = Object.fromEntries(hits.hits.map((hit) => [hit._id, hit.fields?.[fields[0] ?? '']]));
        const app = 'https://app.stepsecurity.io/github';
        expect(links).toMatchObject({
          // This one has no link of its own.
          'payments imposter': [`${app}/acme/payments/actions/runs/8001`],
          // This one has.
          'web dry run': [`${app}/acme/web/actions/runs/7003`],
          'deploy incident': [`${app}/acme/threat-center/incidents/1b1f2d9e`],
        });
        // Not from a run, with only the link of its check.
        expect(links['infra pwn']).toBeUndefined();
        expect(links['deploy component']).toBeUndefined();
      });

      it('have every field that controls and lists name, and can aggregate those of controls', async () => {
        for (const [pattern, name] of [
          ['logs-stepsecurity.*', 'events'],
          ['metrics-stepsecurity.feed', 'heartbeats'],
        ] as const) {
          const { body } = await loaded.es.call(
            'GET',
            `/${pattern}-${loaded.namespace}/_field_caps?fields=*`,
          );
          const caps = body.fields as Readonly<
            Record<string, Readonly<Record<string, { aggregatable: boolean }>>>
          >;
          const isOurs = ({ references }: Saved): boolean =>
            references.some(({ id, type }) => type === 'index-pattern' && id.endsWith(`-${name}`));
          const listed = ofType('search')
            .filter(isOurs)
            .flatMap(({ attributes }) => attributes.columns as readonly string[]);
          expect(listed.filter((field) => caps[field] === undefined && !(field in runtime_mappings))).toEqual(
            [],
          );
          const controls = ofType('dashboard').filter(isOurs).flatMap(controlsOf);
          const fields = controls.map(({ explicitInput }) => explicitInput.fieldName);
          const plain = fields.filter(
            (field) => !Object.values(caps[field] ?? {}).some(({ aggregatable }) => aggregatable),
          );
          expect(plain).toEqual([]);
        }
      });

      it('cover streams with the index mode that the template sets', async () => {
        const { body } = await loaded.es.call(
          'GET',
          `/logs-stepsecurity.*-${loaded.namespace}/_settings?flat_settings=true`,
        );
        const modes = Object.values(
          body as Readonly<Record<string, { settings: Record<string, string> }>>,
        ).map(({ settings }) => settings['index.mode']);
        expect(new Set(modes)).toEqual(new Set(['standard']));
      });
    });
  },
);
