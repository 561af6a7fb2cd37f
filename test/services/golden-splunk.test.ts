import { statSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Document, JsonObject } from '../../src/contracts/types.ts';
import { textOf } from '../../src/mapping/lint/flatten.ts';
import { splunkHec } from '../../src/sinks/splunk-hec/index.ts';
import { ROLE_SOURCETYPES, SOURCETYPE, splunkHecSchema } from '../../src/sinks/splunk-hec/options.ts';
import { testContext } from '../contract/sink.ts';
import { live } from '../live.ts';
import { readGolden } from '../mapping/golden.ts';
import { type StoredEvent, storedEvents } from './hec.ts';
import { describeWith, need } from './require.ts';

/** The golden CIM events of one profile; the files hold the differences. */
const PROFILES = {
  best_fit: readGolden('cim').flatMap(({ documents }) => documents.best_fit),
  alerts_only: readGolden('cim').flatMap(({ documents }) => documents.alerts_only ?? documents.best_fit),
  fan_out: readGolden('cim').flatMap(({ documents }) => documents.best_fit),
};
const ACTIVITY = readGolden('cim').flatMap(({ documents }) => documents.fan_out_activity ?? []);

function toDocument(event: JsonObject, role?: 'activity'): Document {
  return {
    uid: textOf(event.id),
    kind: textOf(event.signature_id),
    dataset: 'detection',
    time: Math.round((event.event_time as number) * 1_000),
    timeIsReceipt: false,
    json: Buffer.from(JSON.stringify(event)),
    ...(role === undefined ? {} : { role }),
  };
}

function envelopeOf(document: Document, host: string): StoredEvent {
  return {
    host,
    time: document.time / 1_000,
    fields: { uid: document.uid },
    source: 'stepsecurity:s3:golden',
    sourcetype: document.role === undefined ? SOURCETYPE : ROLE_SOURCETYPES[document.role],
    event: JSON.parse(String(document.json)) as JsonObject,
  };
}

describeWith(['HEC_URL', 'HEC_TOKEN', 'HEC_EVENTS'], 'the golden CIM events in a real receiver', () => {
  const file = need('HEC_EVENTS');

  describe.each(Object.entries(PROFILES))('for %s', (profile, events) => {
    it('are stored field by field as they are', async () => {
      const documents = [
        ...events.map((event) => toDocument(event)),
        ...(profile === 'fan_out' ? ACTIVITY.map((event) => toDocument(event, 'activity')) : []),
      ];
      const offset = statSync(file).size;
      const options = splunkHecSchema.parse({
        url: need('HEC_URL'),
        token: need('HEC_TOKEN'),
        host: `golden-${profile}-${process.pid}`,
      });
      const context = { ...testContext(), sourceLabel: 's3:golden' };
      const sink = await splunkHec.create(options, context);
      const outcomes = await sink.write(documents, live);
      await sink.close?.();
      expect(outcomes.map(({ fate }) => fate)).toEqual(documents.map(() => 'delivered'));

      const stored = (await storedEvents(file, offset)).filter(({ host }) => host === options.host);
      expect(sorted(stored)).toEqual(sorted(documents.map((one) => envelopeOf(one, options.host))));
    });
  });
});

/** Requests may arrive in any order, and so may the members of an envelope. */
function sorted(events: readonly StoredEvent[]): StoredEvent[] {
  const keyOf = ({ event, sourcetype }: StoredEvent): string => JSON.stringify([event, sourcetype]);
  return events.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
