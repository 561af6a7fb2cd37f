import { ConfigError } from '../../contracts/errors.ts';
import type { Json, JsonObject } from '../../contracts/types.ts';
import { type Abilities, type Asset, object, readAssets, textOf } from './assets.ts';
import { dial, type Line } from './dial.ts';
import { isMarked } from './marker.ts';
import { type ElasticsearchOptions, feedStreamName, streamName } from './options.ts';
import { NotUnderstoodError } from './statuses.ts';

/** The datasets that have an index template. */
const DATASETS = ['detection', 'threat_intel', 'pr_check'];

/**
 * Installs or upgrades what the cluster must have, and yields a line for each asset: created, updated, unchanged, or
 * kept (an existing lifecycle policy belongs to the operator). When mappings changed, existing streams are asked to
 * roll over, because a mapping only applies from the next backing index on; streams made from another template are
 * always asked to. With `print` it changes nothing and yields one JSON object per request: `method`, `path`, `body`.
 */
export async function* setUp(
  options: ElasticsearchOptions,
  signal: AbortSignal,
  print: boolean,
): AsyncGenerator<string> {
  if (print) {
    for (const { path, body } of readAssets()) yield JSON.stringify({ method: 'PUT', path, body });
    return;
  }
  const line = await dial(options, signal);
  try {
    const changed = new Set<string>();
    for (const asset of readAssets(await abilitiesOf(line))) {
      const change = await install(asset, line);
      yield `${asset.kind} ${asset.name}: ${change}`;
      if (change !== 'unchanged' && asset.kind.endsWith('template')) changed.add(familyOf(asset.name));
    }
    yield* rollOver(options.namespace, line, changed);
  } finally {
    line.close();
  }
}

/** What the cluster's nodes support. A processor counts if every ingest node has it. */
export async function abilitiesOf({ cluster, ask }: Line): Promise<Abilities> {
  if (cluster.serverless) return { serverless: true };
  const reply = object(await ask('GET', '/_nodes/ingest?filter_path=nodes.*.ingest.processors.type'));
  const perNode = Object.values(object(reply.nodes)).map((node) => {
    const list = object(object(node).ingest).processors;
    return new Set((Array.isArray(list) ? list : []).map((processor) => textOf(object(processor).type)));
  });
  const [first, ...others] = perNode;
  if (first === undefined) return {};
  return { processors: new Set([...first].filter((type) => others.every((offered) => offered.has(type)))) };
}

async function install(asset: Asset, { ask }: Line): Promise<'created' | 'updated' | 'unchanged' | 'kept'> {
  const held = heldBy(asset, await ask('GET', asset.path));
  if (held === asset.content) return 'unchanged';
  if (asset.kind === 'ilm policy' && held !== undefined) return 'kept';
  if ((await ask('PUT', asset.path, asset.body)) === undefined) {
    throw new ConfigError(`${asset.kind} ${asset.name}: the cluster does not know ${asset.path}`);
  }
  return held === undefined ? 'created' : 'updated';
}

/** The hash of what the cluster has under an asset's name: undefined if nothing, empty if it is not ours. */
export function heldBy(asset: Asset, reply: Json | undefined): string | undefined {
  if (reply === undefined) return undefined;
  const outer = object(reply);
  const templates = outer.index_templates ?? outer.component_templates;
  const entry = object(Array.isArray(templates) ? templates[0] : outer[asset.name]);
  if (Object.keys(entry).length === 0) return undefined;
  const inner: JsonObject = object(entry.index_template ?? entry.component_template ?? entry.policy ?? entry);
  const { content } = object(inner._meta);
  return typeof content === 'string' ? content : '';
}

/** `logs` or `metrics`: the first part of the names of a stream and of its templates. */
function familyOf(name: string): string {
  return name.slice(0, name.indexOf('-'));
}

/** The existing streams whose mappings changed, and those whose write index was not made from our template. */
async function* rollOver(
  namespace: string,
  line: Line,
  changed: ReadonlySet<string>,
): AsyncGenerator<string> {
  const streams = DATASETS.map((dataset) => streamName(dataset, namespace));
  for (const stream of [...streams, feedStreamName(namespace)]) {
    const reply = object(await line.ask('GET', `/_data_stream/${stream}`));
    const found = object(Array.isArray(reply.data_streams) ? reply.data_streams[0] : undefined);
    if (found.name === undefined || found.rollover_on_write === true) continue;
    if (!changed.has(familyOf(stream)) && (await isMadeByUs(line, found))) continue;
    try {
      await line.ask('POST', `/${stream}/_rollover?lazy=true`);
      yield `data stream ${stream}: rolls over with the next write`;
    } catch (error) {
      // Lazy rollover does not exist before 8.13.
      if (!(error instanceof NotUnderstoodError)) throw error;
      await line.ask('POST', `/${stream}/_rollover`);
      yield `data stream ${stream}: rolled over`;
    }
  }
}

/** Whether the write index of a data stream, as shown by `GET /_data_stream`, was made from our template. */
export async function isMadeByUs({ ask }: Line, stream: JsonObject): Promise<boolean> {
  const indices = Array.isArray(stream.indices) ? stream.indices : [];
  const name = object(indices.at(-1)).index_name;
  if (typeof name !== 'string') return false;
  const [index] = Object.values(object(await ask('GET', `/${name}?filter_path=*.mappings._meta`)));
  return isMarked(index);
}
