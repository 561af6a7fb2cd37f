import { incidents } from './incidents.ts';
import { CLIENT_KINDS, EVALUATION_STATUSES, STATUSES } from './kinds.ts';
import type { Group, Listing } from './listing.ts';
import type { ApiOptions } from './options.ts';
import { evaluationRows } from './policies.ts';
import { detectionRow } from './row.ts';

/**
 * What one sweep requests. Every detection is reached by only one path: the tenant-wide one, or that of its owner.
 * `owners` is empty if they could not be discovered.
 */
export function groupsOf(options: ApiOptions, owners: readonly string[]): Group[] {
  const groups: Group[] = [];
  if (options.customer !== undefined && options.tenant_wide) {
    const path = `/github/customers/${encodeURIComponent(options.customer)}/actions/detections`;
    for (const kind of options.kinds)
      groups.push(detections(options, `tenant ${options.customer}`, path, kind));
  } else {
    for (const owner of owners) {
      const path = `/github/${encodeURIComponent(owner)}/actions/detections`;
      for (const kind of options.kinds) groups.push(detections(options, owner, path, kind, owner));
    }
  }
  if (options.policy_evaluations) for (const owner of owners) groups.push(evaluations(owner));
  const [first] = owners;
  if (options.threat_intelligence && first !== undefined) groups.push(incidents(first));
  return groups;
}

function detections(options: ApiOptions, who: string, path: string, kind: string, owner?: string): Group {
  const listings = STATUSES.filter((status) => options.statuses.includes(status)).map(
    (status): Listing => ({
      path,
      query: { detection_id: kind, status },
      list: 'detections',
      ...(CLIENT_KINDS.includes(kind) && { mayBeUnknown: true }),
      rows: (raw) => [detectionRow(raw, kind, status, owner)],
    }),
  );
  return { what: `${who} ${kind}`, listings };
}

function evaluations(owner: string): Group {
  const path = `/github/${encodeURIComponent(owner)}/actions/run-policy-evaluations`;
  const listings = EVALUATION_STATUSES.map(
    (status): Listing => ({
      path,
      query: { status },
      list: 'evaluations',
      rows: (raw) => evaluationRows(raw, status, owner),
    }),
  );
  return { what: `${owner} policy evaluations`, listings };
}
