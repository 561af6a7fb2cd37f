import type { Context } from '../../../src/contracts/component.ts';
import type { Json, Sink } from '../../../src/contracts/types.ts';
import { elasticsearch } from '../../../src/sinks/elasticsearch/index.ts';
import { elasticsearchSchema } from '../../../src/sinks/elasticsearch/options.ts';
import { sinkContract, testDocument } from '../../contract/sink.ts';
import { all, failed, item, problem, type Script, type Seen, type Step, script } from './scripted.ts';

const WRONG = '"no time"';
const documentsIn = ({ body }: Seen): string[] => body.split('\n').filter((_, line) => line % 2 === 1);

/** As much of Elasticsearch as the contract needs: stores each uid once, and refuses a document without a time. */
for (const compression of ['gzip', 'none']) {
  let closing: (() => Promise<void>)[] = [];
  let kept = new Map<string, string>();
  let bulks = (): readonly Seen[] => [];

  const open = async (context: Context, steps: Script): Promise<Sink> => {
    const server = await script(steps);
    closing.push(server.close);
    bulks = server.bulks;
    const options = elasticsearchSchema.parse({ urls: [server.url], compression });
    return elasticsearch.create(options, { ...context });
  };
  const store = (request: Seen): ((uid: string) => unknown) => {
    const texts = documentsIn(request);
    let at = 0;
    return (uid) => {
      const text = texts[at++] ?? '';
      if (text.includes(WRONG)) return failed(400, 'document_parsing_exception');
      if (kept.has(uid)) return failed(409, 'version_conflict_engine_exception');
      kept.set(uid, text);
      return item(201);
    };
  };

  /** Does this with the first requests, at least one in each batch; `stores` says whether their content is stored. */
  const troubled =
    (step: (request: Seen) => Step, stores: boolean) =>
    (context: Context): Promise<Sink> => {
      kept = new Map();
      return open(context, {
        bulk: (request, nth) => {
          if (nth > 3) return all(request, store(request));
          if (stores) request.uids.forEach(store(request));
          return step(request);
        },
      });
    };

  sinkContract({
    name: `elasticsearch, scripted, compression ${compression}`,
    schema: 'ecs',
    repeatIsHarmless: true,
    open: (context) => {
      kept = new Map();
      return open(context, { bulk: (request) => all(request, store(request)) });
    },
    stored: async () => [...kept.keys()],
    contents: async () => [...kept.values()].map((text) => JSON.parse(text) as Json),
    calls: async () => bulks().length,
    troubled: {
      'every document is called busy': troubled(
        (request) => all(request, () => failed(429, 'es_rejected_execution_exception')),
        false,
      ),
      'the request is refused as too many': troubled(() => problem(429, 'circuit_breaking_exception'), false),
      'the reply is lost, and nothing was kept': troubled(() => 'reset', false),
      'the reply is lost after all was kept': troubled(() => 'reset', true),
      'the reply is half a JSON text': troubled(() => 'garbage', true),
    },
    poison: (uid) => testDocument(uid, { json: Buffer.from(`{"@timestamp":${WRONG}}`) }),
    busy: async (context, uids) => {
      const busy = failed(429, 'es_rejected_execution_exception');
      const sink = await open(context, {
        bulk: (request, nth) => all(request, (uid) => (nth === 0 && uids.includes(uid) ? busy : item(201))),
      });
      const mine = bulks;
      return { sink, attempts: () => mine().map((request) => request.uids) };
    },
    refused: (context) => open(context, { other: () => problem(401, 'security_exception') }),
    away: (context) => open(context, { bulk: () => ({ status: 503 }), other: () => ({ status: 503 }) }),
    silent: (context) => open(context, { bulk: () => 'hang', other: () => 'hang' }),
    close: async () => {
      for (const close of closing) await close();
      closing = [];
    },
  });
}
