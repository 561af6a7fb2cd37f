import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '../../contracts/types.ts';
import { text } from '../../detections/scalars.ts';
import { sampleRecords } from '../../session/samples.ts';
import { API_KINDS } from '../../sources/api/kinds.ts';

/** A StepSecurity API served by this process, with the sample detections. */
export interface DemoApi {
  readonly url: string;
  readonly owners: readonly string[];
  /** Simulates someone suppressing one of the detections. */
  suppressOne(): void;
  close(): void;
}

const LIST = /^\/github\/([^/]+)\/actions\/detections$/;

/** Serves the documented list of detections, and empty lists for everything else. */
export async function startDemoApi(): Promise<DemoApi> {
  const rows = sampleRows();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const [, owner] = LIST.exec(pathname) ?? [];
    const found = rows.filter(
      (row) =>
        row.owner === decodeURIComponent(owner ?? '') &&
        row.id === searchParams.get('detection_id') &&
        (row.is_suppressed === true ? 'suppressed' : 'new') === searchParams.get('status'),
    );
    const list = owner === undefined ? 'evaluations' : 'detections';
    const data = {
      [list]: found.length === 0 ? null : found,
      has_more: false,
      next_token: '',
      count: found.length,
    };
    const body = pathname.endsWith('/threat-intel/incidents') ? { detections: [] } : { data };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    owners: [...new Set(rows.map((row) => text(row.owner) ?? ''))],
    suppressOne() {
      const row = rows.find(({ id }) => id === 'New-Outbound-Network-Call');
      Object.assign(row ?? {}, {
        is_suppressed: true,
        suppressed_by: 'analyst',
        suppress_reason: 'a known mirror',
      });
    },
    close: () => server.close(),
  };
}

/** One row per finding that the API would list, grouped as in its table: by owner, workflow and detection. */
function sampleRows(): JsonObject[] {
  const kinds = new Set<string>(API_KINDS);
  const rows = new Map<string, JsonObject>();
  for (const record of sampleRecords()) {
    const payload = JSON.parse(record.text) as JsonObject;
    const { id, owner, workflow_id: workflow, detection } = payload;
    if (typeof id !== 'string' || !kinds.has(id) || typeof owner !== 'string' || owner.includes(':'))
      continue;
    rows.set(JSON.stringify([owner, workflow, detection]), { ...payload, is_suppressed: false });
  }
  return [...rows.values()];
}
