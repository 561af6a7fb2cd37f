import type { JsonObject } from '../../src/contracts/types.ts';
import { textOf } from '../../src/mapping/lint/flatten.ts';
import { elasticsearchSchema } from '../../src/sinks/elasticsearch/options.ts';
import { setUp } from '../../src/sinks/elasticsearch/setup.ts';
import { live } from '../live.ts';
import { readGolden } from '../mapping/golden.ts';
import { type Cluster, cluster, freshNamespace } from '../services/elasticsearch.ts';
import { scenarioDetections, scenarioHeartbeats, type Written } from './scenario.ts';

/** The two weeks of the scenario. */
export const SCENARIO = ['2026-03-02', '2026-03-16'] as const;
/** The golden documents are older. */
export const GOLDEN = ['2020-01-01', '2026-03-01'] as const;

export interface Loaded {
  readonly es: Cluster;
  readonly namespace: string;
  /** Ids of the scenario's documents, which are also their names. */
  readonly ids: () => readonly string[];
  readonly load: () => Promise<void>;
  readonly unload: () => Promise<void>;
  /** All searches together, only in the streams of this suite. */
  readonly ask: (pattern: string, searches: readonly JsonObject[]) => Promise<Reply[]>;
  readonly askOne: (pattern: string, search: JsonObject) => Promise<Reply>;
}

/** The parts of an answer that the suites read. */
export interface Reply {
  readonly hits: { readonly hits: readonly Hit[] };
  readonly aggregations?: JsonObject;
}

/** The scenario and the golden documents in streams of their own. */
export function loadedInto(url: string, prefix: string): Loaded {
  const es = cluster(url);
  const namespace = freshNamespace(prefix);
  const inNamespace = (body: JsonObject): JsonObject => ({
    ...body,
    data_stream: { ...(body.data_stream as JsonObject), namespace },
  });
  // Created when they are needed: a skipped suite creates none.
  let scenario: readonly Written[] = [];

  async function ask(pattern: string, searches: readonly JsonObject[]): Promise<Reply[]> {
    const index = pattern.replaceAll(/-\*(?=,|$)/g, `-${namespace}`);
    const lines = searches.flatMap((search) => [{ index }, search]);
    const { responses } = (await post(`${url}/_msearch`, lines)) as {
      responses: (Reply & { error?: unknown })[];
    };
    for (const { error } of responses) if (error !== undefined) throw new Error(JSON.stringify(error));
    return responses;
  }

  return {
    es,
    namespace,
    ids: () => scenario.map(({ name }) => name),
    async load() {
      for await (const _ of setUp(elasticsearchSchema.parse({ urls: [url], namespace }), live, false));
      scenario = [...scenarioDetections(), ...scenarioHeartbeats()];
      const lines = [...scenario, ...goldenDocuments()].flatMap(({ name, stream, body }) => [
        { create: { _index: stream(namespace), _id: name } },
        inNamespace(body),
      ]);
      const { errors } = (await post(`${url}/_bulk?refresh=true`, lines)) as { errors: boolean };
      if (errors) throw new Error('a document was refused');
    },
    async unload() {
      const streams = `logs-stepsecurity.*-${namespace},metrics-stepsecurity.feed-${namespace}`;
      await es.call('DELETE', `/_data_stream/${streams}`);
    },
    ask,
    async askOne(pattern, search) {
      const [reply] = await ask(pattern, [search]);
      if (reply === undefined) throw new Error('no answer');
      return reply;
    },
  };
}

function goldenDocuments(): Written[] {
  return readGolden('ecs').flatMap(({ name, documents }) =>
    documents.map((body, at) => ({
      name: `golden ${name} ${at}`,
      stream: (namespace) => `logs-${textOf((body.event as JsonObject).dataset)}-${namespace}`,
      body,
    })),
  );
}

async function post(url: string, lines: readonly object[]): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
  });
  return response.json();
}

export interface Hit {
  readonly _id: string;
  readonly _source: JsonObject;
  readonly fields?: Readonly<Record<string, readonly (string | number)[]>>;
}
