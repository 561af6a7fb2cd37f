import type { Context } from '../../../src/contracts/component.ts';
import type { Json, Sink } from '../../../src/contracts/types.ts';
import { splunkHec } from '../../../src/sinks/splunk-hec/index.ts';
import { splunkHecSchema } from '../../../src/sinks/splunk-hec/options.ts';
import { sinkContract, testDocument } from '../../contract/sink.ts';
import { type HecAnswer, type HecRequest, refusal, SUCCESS, scriptHec } from '../../scripted/hec.ts';
import { TOKEN } from './open.ts';

interface Envelope {
  readonly event: Json;
  readonly fields: { readonly uid: string };
}

const VARIANTS = [
  { ack: false, compression: 'gzip' },
  { ack: false, compression: 'none' },
  { ack: true, compression: 'none', ack_interval: '5ms' },
];

/** HEC as far as the contract goes: it stores what comes, up to the first event that is empty. */
for (const options of VARIANTS) {
  let closing: (() => Promise<void>)[] = [];
  let kept: Envelope[] = [];
  let calls = 0;

  const open = async (context: Context, answer: (request: HecRequest) => HecAnswer): Promise<Sink> => {
    const server = await scriptHec(answer);
    closing.push(server.close);
    const parsed = splunkHecSchema.parse({ url: server.url, token: TOKEN, ...options });
    return splunkHec.create(parsed, { ...context, uncleanRuns: 0 });
  };
  const store = ({ path, text }: HecRequest): HecAnswer => {
    if (path.endsWith('/health')) return { body: { code: 17 } };
    if (path.endsWith('/ack')) {
      const { acks } = JSON.parse(text) as { acks: number[] };
      return { body: { acks: Object.fromEntries(acks.map((id) => [id, true])) } };
    }
    calls += 1;
    const envelopes = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Envelope);
    const empty = envelopes.findIndex(({ event }) => event === '');
    kept.push(...(empty < 0 ? envelopes : envelopes.slice(0, empty)));
    if (empty >= 0) return refusal(400, 12, { 'invalid-event-number': empty });
    return { body: { text: 'Success', code: 0, ...(options.ack && { ackId: calls }) } };
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
      kept = [];
      calls = 0;
      return open(context, store);
    },
    // With acks a refusal acknowledges nothing, and what came before it is stored twice by design.
    stored: async () => {
      const uids = kept.map(({ fields }) => fields.uid);
      return options.ack ? [...new Set(uids)] : uids;
    },
    contents: async () => kept.map(({ event }) => event),
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
