import { setMember } from '../../../contracts/json.ts';
import type { JsonObject } from '../../../contracts/types.ts';
import type { Detection } from '../../../detections/detection.ts';
import { text } from '../../../detections/scalars.ts';
import { isKeyUnsaid } from '../../../detections/vendor-keys.ts';
import { toIso } from '../../../text/time.ts';
import type { Fields } from '../../language.ts';
import type { Extra } from '../../writer/index.ts';

/** A payload member that the event often repeats at its top, and the rule that writes it there. */
interface Said {
  readonly rule: string;
  /** What the event then has at its top; undefined if nothing about it. `own` is the payload's value, as text. */
  readonly value: (detection: Detection, own: string) => string | number | boolean | undefined;
}

const kind: Said = { rule: '$id', value: ({ id }) => id };
const name: Said = { rule: '$name', value: (detection) => detection.name };
const repository: Said = { rule: '$parties.src.name', value: ({ repo }) => repo.full };
const link: Said = { rule: '$link', value: ({ link: url }) => url };
/** A key of the vendor's table, whose scope, kind and status the event has separately. */
const tableKey = (name: string): Said => ({
  rule: '$id',
  value: ({ payload }, own) => (isKeyUnsaid(name, own, payload) ? undefined : own),
});
const job: Said = { rule: '$job_name', value: ({ job_name: name }) => name };

/** By member. All are short texts, numbers or booleans. */
const SAID: Readonly<Record<string, Said>> = {
  id: kind,
  type: kind,
  check_type: kind,
  name,
  check_name: name,
  owner: { rule: '$organization', value: ({ organization }) => organization },
  // With or without its owner.
  repo: {
    rule: '$parties.src.name',
    value: ({ repo }, own) => (own === repo.name ? own : repo.full),
  },
  owner_repo: repository,
  repository,
  workflow_path: { rule: '$workflow_path', value: ({ workflow_path: path }) => path },
  // The vendor's key of a workflow: its owner, repository and path.
  workflow_id: {
    rule: '$workflow_path',
    value: ({ owner, payload, workflow_path: path }) => {
      const repo = text(payload.repo);
      return owner && repo && path && `${owner}-${repo}-${path.replaceAll('/', '-')}`;
    },
  },
  run_id: { rule: '$run_id', value: ({ run_id: id }) => id },
  run_attempt: { rule: '$run_attempt', value: ({ run_attempt: attempt }) => attempt },
  job,
  job_name: job,
  job_id: { rule: '$job_id', value: ({ job_id: id }) => id },
  timestamp: {
    rule: '$time_seconds',
    value: ({ time, time_seconds: seconds }, own) =>
      own === toIso(time).replace('.000Z', 'Z') ? own : seconds,
  },
  id_timestamp: { rule: '$time_seconds', value: ({ id, time_seconds: seconds }) => `${id}-${seconds}` },
  detection: { rule: '$detection', value: ({ detection }) => detection },
  html_url: link,
  pr_url: link,
  checks_url: link,
  incident_url: link,
  // The port is written whenever the endpoint has one.
  endpoint: {
    rule: '$endpoint.port',
    value: ({ endpoint }) =>
      endpoint && (endpoint.port === undefined ? endpoint.address : `${endpoint.address}:${endpoint.port}`),
  },
  method: { rule: '$http.method', value: ({ http }) => http?.method },
  host: { rule: '$http.full', value: ({ http }) => http?.domain },
  path: {
    rule: '$http.full',
    value: ({ http }) => (http?.original && http.full?.endsWith(http.original) ? http.original : undefined),
  },
  file: { rule: '$file.path', value: ({ file }) => file?.path },
  // Only if the export names the customer; otherwise this key is the only place that does.
  customer_id_status: {
    rule: '$id',
    value: ({ payload }, own) =>
      text(payload.customer) === undefined || isKeyUnsaid('customer_id_status', own, payload)
        ? undefined
        : own,
  },
  owner_id_status: tableKey('owner_id_status'),
  owner_repo_id_status: tableKey('owner_repo_id_status'),
  head_sha: {
    rule: '{"from":["run.head_sha","check.head_sha"]}',
    value: ({ run, check }) => run?.head_sha ?? check?.head_sha,
  },
  is_lockdown: { rule: '$lockdown', value: ({ lockdown }) => lockdown },
  is_suppressed: { rule: '$suppressed', value: ({ suppressed }) => suppressed },
  is_resolved: { rule: '$resolved', value: ({ resolved }) => resolved },
};

/**
 * The vendor's payload, preceded by its origin. Splunk is billed by volume: a member that the event already has at
 * its top, with the same text, is left out, unless the operator keeps the whole payload. `fields` are the rules of
 * the event.
 */
export function payloadOf(fields: Fields, whole: boolean): Extra {
  if (whole) return { verbatim: ({ origin, payload }) => ({ origin, ...payload }) };
  const written = new Set(
    Object.values(fields).map((rule) => (typeof rule === 'string' ? rule : JSON.stringify(rule))),
  );
  const said = new Map(Object.entries(SAID).filter(([, { rule }]) => written.has(rule)));
  return { verbatim: (detection) => without(said, detection) };
}

/** A single loop without intermediate lists, since it runs for every detection. */
function without(said: ReadonlyMap<string, Said>, detection: Detection): JsonObject {
  const { origin, payload } = detection;
  const rest: JsonObject = { origin };
  for (const member in payload) {
    const value = payload[member] ?? null;
    if (typeof value === 'object' || !isSaid(said.get(member), String(value), detection))
      setMember(rest, member, value);
  }
  return rest;
}

function isSaid(there: Said | undefined, own: string, detection: Detection): boolean {
  const top = there?.value(detection, own);
  return top !== undefined && String(top) === own;
}
