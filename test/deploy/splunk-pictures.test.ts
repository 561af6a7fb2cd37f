import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { indexedBeats, indexedOf } from './spl/index-events.ts';
import { drawView } from './spl/picture.ts';
import { readView, runPanel } from './spl/view.ts';
import { heartbeats } from './story/feed.ts';
import { NOW, tell } from './story/index.ts';

/** The pictures in the documentation show what the dashboards' searches return today. `npm run golden` redraws them. */

const PICTURES: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['overview', {}],
  ['run', { repository: 'acme/payments', run: '7001' }],
  ['feed', {}],
];

test.each(PICTURES)('docs/pictures/splunk-%s.svg', async (name, tokens) => {
  const events = [...indexedOf(tell(), 'fan_out'), ...(await indexedBeats(heartbeats()))];
  const view = readView(`stepsecurity_${name}`);
  const drawn = drawView(view, ({ id }) => runPanel(view, id, events, NOW, tokens));
  const file = new URL(`../../docs/pictures/splunk-${name}.svg`, import.meta.url);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, drawn);
  expect(readFileSync(file, 'utf8')).toBe(drawn);
});
