import { isRefusal } from '../../aws/errors.ts';
import { messageOf } from '../../contracts/errors.ts';
import type { Finding } from '../../contracts/types.ts';
import { readBody } from '../../objects/body.ts';
import type { ObjectRef } from '../../objects/object.ts';
import { printable } from '../../text/printable.ts';
import { type Bucket, listPage } from './bucket.ts';
import { s3Open } from './open.ts';
import type { Template } from './template.ts';

/** Checks credentials, lists a little of every prefix, and reads the beginning of one object. */
export async function* checkBucket(
  bucket: Bucket,
  prefixes: readonly { readonly text: string; readonly template: Template }[],
): AsyncGenerator<Finding, void, undefined> {
  const { client, name, context } = bucket;
  try {
    const { accessKeyId } = await client.config.credentials();
    yield { check: 's3 credentials', status: 'ok', detail: `access key ${accessKeyId.slice(0, 4)}…` };
  } catch (error) {
    const fix = 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or a role; see assume_role.';
    yield { check: 's3 credentials', status: 'failed', detail: messageOf(error), fix };
    return;
  }
  let sample: ObjectRef | undefined;
  for (const { text, template } of prefixes) {
    const check = `s3 list s3://${name}/${text}`;
    try {
      const page = await listPage(
        bucket,
        { prefix: template.root, folders: false, token: undefined },
        context.abort,
        10,
      );
      const found = page.objects.filter(({ size }) => size > 0);
      sample ??= found[0];
      if (found.length > 0) {
        yield { check, status: 'ok', detail: 'holds objects' };
        continue;
      }
      const fix = 'Compare it with the prefix in the StepSecurity console, Integrations, S3.';
      yield { check, status: 'warning', detail: 'nothing there yet', fix };
    } catch (error) {
      const attempted = [`list s3://${name}/${printable(template.root)}`];
      yield failure(check, attempted, error, 'Allow s3:ListBucket on the bucket.');
    }
  }
  if (sample === undefined) return;
  const check = `s3 get ${printable(sample.uri)}`;
  try {
    const body = readBody(sample, 0, { open: s3Open(bucket), ...context }, context.abort);
    // The first bytes are enough; leaving the loop releases the rest.
    for await (const _ of body) break;
    yield { check, status: 'ok', detail: `${sample.size} bytes` };
  } catch (error) {
    const fix = 'Allow s3:GetObject on the bucket, and kms:Decrypt on its key if it has one.';
    const uri = printable(sample.uri);
    yield failure(check, [`reading ${uri}`, `get ${uri}`], error, fix);
  }
}

/** The check already names what was attempted. Any other failure comes with its own fix. */
function failure(check: string, attempted: readonly string[], error: unknown, permission: string): Finding {
  const detail = attempted.reduce(
    (text, one) => (text.startsWith(`${one}: `) ? text.slice(one.length + 2) : text),
    messageOf(error),
  );
  const finding: Finding = { check, status: 'failed', detail };
  return isRefusal(error) ? { ...finding, fix: permission } : finding;
}
