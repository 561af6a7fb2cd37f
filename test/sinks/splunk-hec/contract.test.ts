import type { Context } from '../../../src/contracts/component.ts';
import type { Json, Sink } from '../../../src/contracts/types.ts';
import { FEED_SOURCETYPE } from '../../../src/sinks/splunk-hec/heartbeat.ts';
import { splunkHec } from '../../../src/sinks/splunk-hec/index.ts';
import { splunkHecSchema } from '../../../src/sinks/splunk-hec/options.ts';
import { sinkContract, testDocument } from '../../contract/sink.ts';
import { type HecAnswer, type HecRequest, refusal, SUCCESS, scriptHec } from '../../scripted/hec.ts';
import { TOKEN } from './open.ts';

interface Envelope {
  readonly sourcetype: string;
  readonly event: Json;
  readonly fields: { readonly uid: string };
}

const VARIANTS = [
  { ack: false, compression: 'gzip' },
  { ack: false, compression: 'none' },
  { ack: true, compression: 'none', ack_interval: '5ms', ack_timeout: '200ms' },
];

/** How many polls it takes to get an acknowledgement. */
const LATE = 3;

/** As much of HEC as the contract needs: it stores what arrives, up to the first empty event. */
for (const options of VARIANTS) {
  let closing: (() => Promise<void>)[] = [];
  let kept: Envelope[] = [];
  let calls = 0;
  const asked = new Map<number, number>();
  const unacknowledged = new Set<number>();

  const open = async (context: Context, answer: (request: HecRequest) => HecAnswer): Promise<Sink> => {
    const server = await scriptHec(answer);
    closing.push(server.close);
    const parsed = splunkHecSchema.parse({ url: server.url, token: TOKEN, ...options });
    return splunkHec.create(parsed, { ...context });
  };
  const forget = (): void => {
    kept = [];
    calls = 0;
    asked.clear();
    unacknowledged.clear();
  };
  const store = ({ path, text }: HecRequest): HecAnswer => {
    if (path.endsWith('/health')) return { body: { code: 17 } };
    if (path.endsWith('/ack')) {
      const { acks } = JSON.parse(text) as { acks: number[] };
      const isIndexed = (id: number): boolean => {
        asked.set(id, (asked.get(id) ?? 0) + 1);
        return !unacknowledged.has(id) && (asked.get(id) ?? 0) >= LATE;
      };
      return { body: { acks: Object.fromEntries(acks.map((id) => [id, isIndexed(id)])) } };
    }
    if (text === '') return refusal(400, 5);
    calls += 1;
    const envelopes = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Envelope)
      .filter(({ sourcetype }) => sourcetype !== FEED_SOURCETYPE);
    const empty = envelopes.findIndex(({ event }) => event === '');
    kept.push(...(empty < 0 ? envelopes : envelopes.slice(0, empty)));
    if (empty >= 0) return refusal(400, 12, { 'invalid-event-number': empty });
    return { body: { text: 'Success', code: 0, ...(options.ack && { ackId: calls }) } };
  };
  /** Does this with the first requests, and stores their content first if `stores` is set. */
  const troubled =
    (trouble: HecAnswer, stores = false) =>
    (context: Context): Promise<Sink> => {
      forget();
      let troubles = 4;
      return open(context, (request) => {
        if (!request.path.endsWith('/event') || troubles === 0) return store(request);
        troubles -= 1;
        if (stores) store(request);
        return trouble;
      });
    };
  /** The first requests are not acknowledged in time. */
  const unheard = (context: Context): Promise<Sink> => {
    forget();
    for (const id of [1, 2, 3, 4]) unacknowledged.add(id);
    return open(context, store);
  };
  const named =
    (answer: HecAnswer) =>
    (request: HecRequest): HecAnswer =>
      request.path.endsWith('/event') ? answer : SUCCESS;

  sinkContract({
    name: `splunk_hec, scripted, ${JSON.stringify(options)}`,
    schema: 'cim',
    repeatIsHarmless: false,
    open: (context) => {
      forget();
      return open(context, store);
    },
    // With acks a refusal acknowledges nothing, and everything before it is stored twice by design.
    stored: async () => {
      const uids = kept.map(({ fields }) => fields.uid);
      return options.ack ? [...new Set(uids)] : uids;
    },
    // Without the ones stored twice by design; a document that was read too late has another text.
    contents: async () => [...new Map(kept.map(({ event }) => [JSON.stringify(event), event])).values()],
    troubled: {
      'too many requests': troubled(refusal(429, 26)),
      'it is busy': troubled(refusal(503, 9)),
      'the connection is cut, and nothing was kept': troubled('cut'),
      'the reply is lost after all was kept': troubled('cut', true),
      ...(options.ack && { 'no acknowledgement in time': unheard }),
    },
    calls: async () => calls,
    poison: (uid) => testDocument(uid, { json: Buffer.from('""') }),
    refused: (context) => open(context, named(refusal(403, 4))),
    away: (context) => open(context, named({ status: 503, body: { text: 'Server is busy', code: 9 } })),
    silent: (context) => open(context, named('hang')),
    close: async () => {
      for (const close of closing) await close();
      closing = [];
    },
  });
}
