import type { Json, JsonObject } from '../../../src/contracts/types.ts';
import type { Detection } from '../../../src/detections/detection.ts';
import { text } from '../../../src/detections/scalars.ts';
import type { Fields } from '../../../src/mapping/language.ts';

/** The payload without values that the event's fields have in the same words. */
export function remaining(detection: Detection, fields: Fields): JsonObject {
  const written = Object.values(fields).map((rule) =>
    typeof rule === 'string' ? rule : JSON.stringify(rule),
  );
  const kept = Object.entries(detection.payload).filter(
    ([member, value]) =>
      value === null ||
      typeof value === 'object' ||
      !saidBy(member, detection).some(
        ([rule, said]) => written.includes(rule) && said !== undefined && `${said}` === `${value}`,
      ),
  );
  return Object.fromEntries(kept);
}

type Said = readonly [rule: string, value: string | number | boolean | undefined];

function saidBy(member: string, of: Detection): Said[] {
  const { repo, endpoint, http, payload } = of;
  const port = endpoint?.port === undefined ? '' : `:${endpoint.port}`;
  const seconds = String(of.time_seconds);
  switch (member) {
    case 'id':
    case 'type':
    case 'check_type':
      return [['$id', of.id]];
    case 'name':
    case 'check_name':
      return [['$name', of.name]];
    case 'owner':
      return [['$organization', of.organization]];
    case 'repo':
      return [
        ['$parties.src.name', repo.name],
        ['$parties.src.name', repo.full],
      ];
    case 'owner_repo':
    case 'repository':
      return [['$parties.src.name', repo.full]];
    case 'workflow_path':
      return [['$workflow_path', of.workflow_path]];
    case 'workflow_id': {
      // Its repository is written like `repo`, which may repeat the owner.
      const parts = [of.owner, text(payload.repo), of.workflow_path?.split('/').join('-')];
      return parts.includes(undefined) ? [] : [['$workflow_path', parts.join('-')]];
    }
    case 'run_id':
      return [['$run_id', of.run_id]];
    case 'run_attempt':
      return [['$run_attempt', of.run_attempt]];
    case 'job':
    case 'job_name':
      return [['$job_name', of.job_name]];
    case 'job_id':
      return [['$job_id', of.job_id]];
    case 'timestamp':
      return [
        ['$time_seconds', seconds],
        ['$time_seconds', new Date(of.time).toISOString().replace(/\.000Z$/, 'Z')],
      ];
    case 'id_timestamp':
      return [['$time_seconds', `${of.id}-${seconds}`]];
    case 'detection':
      return [['$detection', of.detection]];
    case 'html_url':
    case 'pr_url':
    case 'checks_url':
    case 'incident_url':
      return [['$link', of.link]];
    case 'endpoint':
      return endpoint === undefined ? [] : [['$endpoint.port', `${endpoint.address}${port}`]];
    case 'method':
      return [['$http.method', http?.method]];
    case 'host':
      return [['$http.full', http?.domain]];
    case 'path':
      return http?.full?.endsWith(http.original ?? '\n') ? [['$http.full', http.original]] : [];
    case 'file':
      return [['$file.path', of.file?.path]];
    case 'customer_id_status':
      return tableKey([payload.customer], payload);
    case 'owner_id_status':
      return tableKey([payload.owner], payload);
    case 'owner_repo_id_status':
      return tableKey([payload.owner, payload.repo], payload);
    case 'head_sha':
      return [['{"from":["run.head_sha","check.head_sha"]}', of.run?.head_sha ?? of.check?.head_sha]];
    case 'is_lockdown':
      return [['$lockdown', of.lockdown]];
    case 'is_suppressed':
      return [['$suppressed', of.suppressed]];
    case 'is_resolved':
      return [['$resolved', of.resolved]];
    default:
      return [];
  }
}

function tableKey(scope: readonly (Json | undefined)[], payload: JsonObject): Said[] {
  const isTrue = (value: Json | undefined): boolean => value === true || value === 'true';
  const quiet = isTrue(payload.is_suppressed) ? 'suppressed' : 'new';
  const status = isTrue(payload.is_resolved) ? 'resolved' : quiet;
  return [['$id', [...scope, payload.id].map(text).concat(status).join('#')]];
}
