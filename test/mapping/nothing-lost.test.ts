import { expect, test } from '@jest/globals';
import type { Json } from '../../src/contracts/types.ts';
import { flatten, textOf } from '../../src/mapping/lint/flatten.ts';
import { ecsOf } from './documents.ts';
import { detectionOf, readSamples } from './samples.ts';

/** Written differently: times as dates, paths joined, switches as booleans; the mask of a secret is never forwarded. */
const REWORDED =
  /(?:^|[._])(?:id_timestamp|timestamp|alert_timestamp|incident_(?:start|end)_time|(?:created|updated|added)_at|secret)$/;
/** Keys of the vendor's table: their parts are in the document. */
const TABLE_KEY = /#(?:new|resolved|suppressed)$/;
const NOTHING = /^(?:unknown|null|-|true|false)?$/i;

function letters(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** The texts of a payload that no field of its document contains. */
function lostOf(payload: Json, document: Json): string[] {
  const written = JSON.stringify(document).toLowerCase();
  return (
    flatten(payload)
      .filter(({ field }) => !REWORDED.test(field))
      .flatMap(({ field, value }) => (Array.isArray(value) ? value : [value]).map((one) => ({ field, one })))
      .filter(({ one }) => one !== null && !NOTHING.test(textOf(one)))
      .filter(({ one }) => !TABLE_KEY.test(textOf(one)))
      // Means that the connection was denied.
      .filter(({ field, one }) => field !== 'status' || one !== 'Dropped')
      // An alias still has the name of its own kind, which differs from the title in the document.
      .filter(({ field, one }) => field !== 'name' || !letters(written).includes(letters(textOf(one))))
      .filter(({ one }) => !written.includes(JSON.stringify(textOf(one)).slice(1, -1).toLowerCase()))
      .map(({ field, one }) => `${field}: ${textOf(one)}`)
  );
}

test.each(readSamples())('no text of $name is lost in ECS', ({ detections }) => {
  for (const detection of detections) {
    // What was seen is in the document of the finding, and not again in the document of a change to it.
    const { payload, change } = detection;
    const documents = ecsOf(change === undefined ? [detection] : [detection, detectionOf(payload)]);
    expect(lostOf(payload, documents)).toEqual([]);
  }
});

/** All known members of an export or of the API. */
const MEMBERS =
  `event_id parent_id name owner repo workflow_id workflow_path run_id job job_name job_id detection
  html_url suppressed_by suppress_reason suppress_rule_id resolved_by resolved_reason endpoint host method path file
  direct_ip_address rule_id current_branch_hash default_branch_hash customer event_type ttl repository owner_repo type
  runtime_security_status customer_id_status owner_id_status owner_repo_id_status secrets_policy_status severity
  alert_timestamp suspicious_npm_pkg_upgrade something_new`.split(/\s+/);

test.each([
  'Reverse-Shell',
  'HTTPS-Outbound-Network-Call',
  'Secret-In-Build-Log',
  'Agent-Tampered',
  'Unheard-Of',
])('no member of %s is lost in ECS, whatever its value', (id) => {
  const payload = { id, ...Object.fromEntries(MEMBERS.map((member) => [member, `the-${member}`])) };
  const [document = {}] = ecsOf([detectionOf(payload)]);
  expect(lostOf(payload, document)).toEqual([]);
});
