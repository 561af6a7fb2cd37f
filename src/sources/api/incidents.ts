import { isObject } from '../../contracts/json.ts';
import type { Json, JsonObject } from '../../contracts/types.ts';
import { incidentLinkOf } from '../../detections/app-link.ts';
import type { Group } from './listing.ts';
import { digest, type Row, text, withoutOurs } from './row.ts';

const INCIDENT = 'Threat-Intelligence';
const COMPONENT = 'Compromised-Component';

/** The incidents of the whole ecosystem, which are the same whichever organization asks. */
export function incidents(owner: string): Group {
  const path = pathOf(owner);
  const rows = (raw: unknown) => [incidentRow(raw, owner)];
  return {
    what: 'threat intelligence',
    listings: [{ path, query: {}, list: 'detections', whole: true, rows }],
  };
}

/** The packages that an incident is about. */
export function components(owner: string, incident: string): Group {
  const path = `${pathOf(owner)}/${encodeURIComponent(incident)}/compromised-components`;
  const rows = (raw: unknown) => [componentRow(raw, owner, incident)];
  const what = `components of incident ${incident}`;
  return { what, listings: [{ path, query: {}, list: 'compromised_components', whole: true, rows }] };
}

/** The API's id of an incident; undefined for any other row. */
export function incidentOf({ body }: Row): string | undefined {
  return body.type === INCIDENT ? text(body.id) || undefined : undefined;
}

function pathOf(owner: string): string {
  return `/github/${encodeURIComponent(owner)}/threat-intel/incidents`;
}

/** In the shape of the export, where the id of an incident is also that of its event: it has the same uid. */
function incidentRow(raw: unknown, owner: string): Row {
  if (!isObject(raw)) return unreadable(raw, INCIDENT);
  const body = withoutOurs(raw);
  const id = text(body.id);
  body.type = INCIDENT;
  body.event_id ??= id;
  body.incident_url ??= incidentLinkOf(owner, id) ?? null;
  const key = digest(8, ['incident', ...(id === '' ? [raw as Json] : [id])]);
  // Its text grows, but it remains the same event. Its end is another one.
  return { key, occurrence: digest(6, [text(body.is_active)]), status: 'new', body, ours: {} };
}

function componentRow(raw: unknown, owner: string, incident: string): Row {
  if (!isObject(raw)) return unreadable(raw, COMPONENT);
  const body = withoutOurs(raw);
  const ours: JsonObject = body.id === undefined ? {} : { row_id: body.id };
  body.id = COMPONENT;
  body.threat_intel_id ??= incident;
  body.detection = `${incident}/${text(raw.type)}/${text(raw.component_name)}@${text(raw.version)}`;
  body.timestamp = raw.added_at ?? null;
  body.incident_url = incidentLinkOf(owner, incident) ?? null;
  const key = digest(8, ['component', body.detection]);
  return { key, occurrence: digest(6, [text(raw.added_at)]), status: 'new', body, ours };
}

function unreadable(raw: unknown, kind: string): Row {
  const body: JsonObject = { id: kind, value: raw as Json };
  return {
    key: digest(8, ['?', kind, raw as Json]),
    occurrence: digest(6, []),
    status: 'new',
    body,
    ours: {},
  };
}
