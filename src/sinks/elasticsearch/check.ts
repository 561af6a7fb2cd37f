import { ConfigError } from '../../contracts/errors.ts';
import type { Document, Finding, Json, JsonObject } from '../../contracts/types.ts';
import { object, readAssets, textOf } from './assets.ts';
import { dial, type Line } from './dial.ts';
import { explain } from './items.ts';
import { UNMARKED_FIX } from './marker.ts';
import { type ElasticsearchOptions, feedStreamName, streamName } from './options.ts';
import { abilitiesOf, heldBy, isMadeByUs } from './setup.ts';

const PRIVILEGES = ['auto_configure', 'create_doc', 'read', 'view_index_metadata'];
const FEED_PRIVILEGES = ['auto_configure', 'create_doc'];

type Result = Omit<Finding, 'check'>;

/** The doctor for Elasticsearch: writes nothing, and throws nothing because of the other side's answer. */
export async function* examine(
  options: ElasticsearchOptions,
  samples: readonly Document[],
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  let line: Line;
  try {
    line = await dial(options, signal);
  } catch (error) {
    yield { check: 'elasticsearch', ...failure(error) };
    return;
  }
  try {
    yield { check: 'elasticsearch', ...greeting(line) };
    yield* run('index templates', () => templates(line));
    const datasets = [...new Set(samples.map((sample) => sample.dataset))];
    const streams = (datasets.length === 0 ? ['detection'] : datasets).map((dataset) =>
      streamName(dataset, options.namespace),
    );
    yield* run('index privileges', () => privileges(line, streams, PRIVILEGES));
    if (options.heartbeat) yield* run('heartbeat privileges', () => feedPrivileges(line, options.namespace));
    for (const stream of streams) yield* run(`data stream ${stream}`, () => dataStream(line, stream));
    for (const stream of streams) {
      const mine = samples.filter((sample) => streamName(sample.dataset, options.namespace) === stream);
      if (mine.length > 0) yield* run(`sample documents for ${stream}`, () => simulate(line, stream, mine));
    }
  } finally {
    line.close();
  }
}

async function* run(check: string, look: () => Promise<Result>): AsyncGenerator<Finding> {
  yield { check, ...(await look().catch(failure)) };
}

/** The error message already contains the fix. */
function failure(error: unknown): Result {
  if (error instanceof Error) return { status: 'failed', detail: error.message };
  throw error;
}

function greeting({ cluster }: Line): Result {
  const kind = cluster.serverless ? 'serverless' : (cluster.version ?? 'this user may not see its version');
  return { status: 'ok', detail: `reachable, credentials accepted: ${kind}` };
}

async function templates(line: Line): Promise<Result> {
  const fix = 'stepsecurity-siem setup --config FILE';
  const stale: string[] = [];
  const missing: string[] = [];
  try {
    for (const asset of readAssets(await abilitiesOf(line))) {
      const held = heldBy(asset, await line.ask('GET', asset.path));
      if (held === undefined) missing.push(`${asset.kind} ${asset.name}`);
      else if (held !== asset.content && asset.kind !== 'ilm policy')
        stale.push(`${asset.kind} ${asset.name}`);
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const detail =
      'these credentials may not read templates, and a run does not need to; setup reports whether they are current';
    return { status: 'ok', detail };
  }
  if (missing.length > 0) return { status: 'failed', detail: `not installed: ${missing.join(', ')}`, fix };
  if (stale.length > 0)
    return { status: 'warning', detail: `not from this version: ${stale.join(', ')}`, fix };
  return { status: 'ok', detail: 'installed and current' };
}

async function feedPrivileges(line: Line, namespace: string): Promise<Result> {
  const result = await privileges(line, [feedStreamName(namespace)], FEED_PRIVILEGES);
  if (result.status !== 'failed') return result;
  return { ...result, status: 'warning', fix: `${result.fix}, or set heartbeat: false` };
}

async function privileges(
  { ask }: Line,
  streams: readonly string[],
  wanted: readonly string[],
): Promise<Result> {
  let reply: Json | undefined;
  try {
    const index = [{ names: [...streams], privileges: [...wanted] }];
    reply = await ask('POST', '/_security/user/_has_privileges', { index });
  } catch (error) {
    // With security off, this path does not exist, and servers say so in different ways.
    const isOff = error instanceof Error && /no handler|not enabled|HTTP 40[05]/.test(error.message);
    if (!isOff) throw error;
  }
  if (reply === undefined || object(reply).index === undefined) {
    return { status: 'ok', detail: 'security is off: everything is permitted' };
  }
  const missing = Object.entries(object(object(reply).index)).flatMap(([stream, granted]) =>
    wanted.filter((privilege) => object(granted)[privilege] !== true).map((name) => `${name} on ${stream}`),
  );
  if (missing.length === 0) return { status: 'ok', detail: wanted.join(', ') };
  const fix = 'give the user or API key the role in deploy/elasticsearch/roles/run.json';
  return { status: 'failed', detail: `missing: ${missing.join(', ')}`, fix };
}

async function dataStream(line: Line, stream: string): Promise<Result> {
  const reply = object(await line.ask('GET', `/_data_stream/${stream}`));
  const found = object(Array.isArray(reply.data_streams) ? reply.data_streams[0] : undefined);
  if (found.name === undefined)
    return { status: 'ok', detail: 'does not exist yet: the first write creates it' };
  const template = textOf(found.template);
  if (found.rollover_on_write === true)
    return { status: 'ok', detail: `rolls over, to the template ${template}` };
  if (await isMadeByUs(line, found))
    return { status: 'ok', detail: `exists, made from the template ${template}` };
  return { status: 'failed', detail: 'not made from our index template', fix: UNMARKED_FIX };
}

async function simulate({ ask }: Line, stream: string, samples: readonly Document[]): Promise<Result> {
  const docs = samples.map((sample) => {
    const source: JsonObject = JSON.parse(sample.json.toString());
    return { _index: stream, _id: sample.uid, _source: source };
  });
  let reply: Json | undefined;
  try {
    const path = '/_ingest/_simulate?filter_path=docs.doc._id,docs.doc.error,docs.doc.ignored_fields';
    reply = await ask('POST', path, { docs });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { status: 'warning', detail: 'these credentials may not simulate: not tested' };
  }
  if (reply === undefined)
    return { status: 'warning', detail: 'the server is too old to simulate: not tested' };
  const listed = object(reply).docs;
  const results = (Array.isArray(listed) ? listed : []).map((result) => object(object(result).doc));
  const refused = results.find(({ error }) => error !== undefined);
  if (refused !== undefined) {
    const kind = samples[results.indexOf(refused)]?.kind ?? '';
    const fix = 'run setup; then check the ingest pipelines named *@custom';
    return { status: 'failed', detail: `${kind}: ${explain(object(refused.error))}`, fix };
  }
  const ignored = results.flatMap(({ ignored_fields: fields }) => (Array.isArray(fields) ? fields : []));
  if (ignored.length > 0) {
    const names = [...new Set(ignored.map((field) => textOf(object(field).field)))].join(', ');
    const fix = 'run setup, then roll the stream over';
    return { status: 'warning', detail: `stored, but not searchable by: ${names}`, fix };
  }
  return { status: 'ok', detail: `${samples.length} mapped without errors (nothing was indexed)` };
}
