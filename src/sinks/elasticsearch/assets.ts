import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isObject } from '../../contracts/json.ts';
import { packageFile } from '../../contracts/package.ts';
import type { Json, JsonObject } from '../../contracts/types.ts';

type AssetKind = 'ilm policy' | 'component template' | 'ingest pipeline' | 'index template';

/** Something the cluster must have, in the form its API expects. */
export interface Asset {
  readonly kind: AssetKind;
  readonly name: string;
  /** For GET and PUT. */
  readonly path: string;
  readonly body: JsonObject;
  /** Hash of `body`; also in its `_meta.content`, so that the cluster shows which version it has. */
  readonly content: string;
}

/** What a cluster supports. */
export interface Abilities {
  /** Ingest processors that all its nodes offer; undefined assumes all of them. */
  readonly processors?: ReadonlySet<string> | undefined;
  /** It has no lifecycle policies. */
  readonly serverless?: boolean;
}

const FOLDER = packageFile('deploy/elasticsearch/');
/** In the order in which they refer to each other. */
const KINDS: readonly (readonly [AssetKind, string, string])[] = [
  ['ilm policy', 'ilm-policies', '/_ilm/policy/'],
  ['component template', 'component-templates', '/_component_template/'],
  ['ingest pipeline', 'ingest-pipelines', '/_ingest/pipeline/'],
  ['index template', 'index-templates', '/_index_template/'],
];

/** The files of `deploy/elasticsearch`, adapted to what the cluster supports, in installation order. */
export function readAssets(abilities: Abilities = {}): Asset[] {
  const assets: Asset[] = [];
  for (const [kind, folder, path] of KINDS) {
    if (kind === 'ilm policy' && abilities.serverless === true) continue;
    const files = readdirSync(fileURLToPath(new URL(`${folder}/`, FOLDER))).sort();
    for (const file of files) {
      const text = readFileSync(new URL(`${folder}/${file}`, FOLDER), 'utf8');
      const name = basename(file, '.json');
      assets.push(
        finish(kind, name, `${path}${encodeURIComponent(name)}`, adapt(kind, JSON.parse(text), abilities)),
      );
    }
  }
  return assets;
}

function adapt(kind: AssetKind, body: JsonObject, abilities: Abilities): JsonObject {
  const { processors, serverless } = abilities;
  if (kind === 'ingest pipeline' && processors !== undefined && Array.isArray(body.processors)) {
    const offered = body.processors.filter((processor) =>
      processors.has(Object.keys(object(processor))[0] ?? ''),
    );
    return { ...body, processors: offered };
  }
  if (kind === 'component template' && serverless === true) {
    const { index } = object(object(body.template).settings);
    if (index !== undefined) {
      const { lifecycle: _, codec: __, ...kept } = object(index);
      return { ...body, template: { ...object(body.template), settings: { index: kept } } };
    }
  }
  return body;
}

function finish(kind: AssetKind, name: string, path: string, body: JsonObject): Asset {
  const content = createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 16);
  const meta = (inner: JsonObject): JsonObject => ({
    ...inner,
    _meta: { ...object(inner._meta), managed_by: 'stepsecurity-siem', content },
  });
  const marked = kind === 'ilm policy' ? { policy: meta(object(body.policy)) } : meta(body);
  return { kind, name, path, body: marked, content };
}

export function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
