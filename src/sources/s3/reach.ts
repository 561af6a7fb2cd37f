import type { Context } from '../../contracts/component.ts';
import type { Bucket } from './bucket.ts';
import { disjoint } from './key-order.ts';
import type { BucketOptions } from './options.ts';
import { parseTemplate, type Template } from './template.ts';

/**
 * Opens the bucket with a client of its own, and the places to look in it. The SDK is loaded here, so that `--help`
 * does not wait for it.
 */
export async function reach(
  options: BucketOptions,
  context: Context,
): Promise<{ readonly bucket: Bucket; readonly templates: readonly Template[] }> {
  const { createS3Client } = await import('../../aws/client.ts');
  const bucket = {
    client: createS3Client(options, { signal: context.abort }),
    name: options.bucket,
    requestPayer: options.request_payer,
    context,
  };
  return { bucket, templates: disjointTemplates(options.prefixes) };
}

/** Templates in key order. One whose static part is inside another's is read together with that one. */
function disjointTemplates(prefixes: readonly string[]): Template[] {
  const templates = prefixes.map(parseTemplate);
  const roots = disjoint(templates.map(({ root }) => root));
  return roots.flatMap((root) => {
    const same = templates.filter((template) => template.root === root);
    const [only] = same;
    return only !== undefined && same.length === 1 ? [only] : [{ root, segments: [], tail: '' }];
  });
}
