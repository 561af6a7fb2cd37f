import { TOKENS } from '../../detections/harness.ts';
import { pick, type Random, times, upTo } from '../families/family.ts';
import type { Tree } from './tree.ts';

const TEXTS = [
  '',
  ' ',
  'unknown',
  'null',
  'true',
  '0',
  '-1',
  '1e400',
  '1753203994',
  '2026-01-01T00:00:00.123456789Z',
  '9999-99-99T99:99:99Z',
  'acme/web',
  '../../etc/passwd',
  'a.example:443',
  '[::1]:443',
  '203.0.113.7',
  'https://user@github.example/a/b?c=d#e',
  'https://github.com/acme/web/actions/runs/1?run_attempt=2',
  '/usr/bin/sh',
  '<b>&amp;',
  '{{x}}',
  '\u0024{x}',
  '\u0000',
  '\u001b[31mred',
  '\r\n',
  '"\\"',
  '}{',
  '\ud800',
  '\udfff\ud800',
  '\u2028\u2029',
  '\ufeff',
  '\u202e',
  '\u0661\u0662',
  'é'.repeat(50),
  '\ud83d\ude00',
  'Reverse-Shell',
  'Threat-Intelligence',
  'pr_check_failure',
  '7d4b9d1e-3c55-4a52-8f5a-0f9c2f6f1b11',
  ...Object.values(TOKENS),
];

const DIGITS = [
  '0',
  '-0',
  '1',
  '-1',
  '1.5',
  '1e400',
  '-1e400',
  '1e-400',
  '9007199254740993',
  '123456789012345678901234567890',
  '0.1000000000000000055511151231257827021181',
  '1753203994',
  '1e22',
];

const MEMBERS =
  `id type name event_id owner repo owner_repo run_id run_attempt job job_id job_name timestamp id_timestamp
  alert_timestamp incident_start_time html_url incident_url checks_url is_lockdown is_suppressed is_resolved suppressed_by
  resolved_by endpoint direct_ip_address host method path file process_events imposter_commit tool secret rule_id
  line_number step_number expected_outbound_connections actions_not_allowed runs_on_labels_not_allowed
  workflow_contains_secrets workflow_path workflow_id stepsecurity_siem severity is_active failure_data arguments exe pid
  ppid armour_event_process file_info action sha sha256 parent title check_name customer status ttl parent_id data jobs`.split(
    /\s+/,
  );

const ODD_KEYS = [
  '',
  '.',
  'a.b',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  '0',
  '\u0000',
  '\u0001a',
  '\ud800',
  ' ',
  'k'.repeat(300),
  'ID',
  'password',
  '@timestamp',
  '_id',
];

export const oddKey = (random: Random): string => pick(random, random() < 0.7 ? MEMBERS : ODD_KEYS);

/** An unexpected value, only now and then long or deep. */
export function oddValue(random: Random): Tree {
  const kind = random();
  if (kind < 0.45) return pick(random, TEXTS);
  if (kind < 0.65) return { digits: pick(random, DIGITS) };
  if (kind < 0.75) return pick(random, [null, true, false]);
  if (kind < 0.8) return random() < 0.5 ? [] : { members: [] };
  if (kind < 0.85) return { members: [[oddKey(random), pick(random, TEXTS)]] };
  if (kind < 0.9) return times(1 + upTo(random, 4), () => pick(random, TEXTS));
  if (kind < 0.91)
    return pick(random, ['x', 'é', '\u0001', 'a.', '/', '{"']).repeat(1 + upTo(random, 40_000));
  if (kind < 0.92) return times(1 + upTo(random, 2_000), String);
  if (kind < 0.93)
    return { members: times(1 + upTo(random, 500), (nth) => [`key_${nth}`, { digits: String(nth) }]) };
  if (kind < 0.94) return { members: [['k'.repeat(1 + upTo(random, 40_000)), [null]]] };
  return nested(random, pick(random, TEXTS));
}

/** A value inside lists and objects, most of them short. */
export function nested(random: Random, inner: Tree): Tree {
  let value = inner;
  for (let left = Math.ceil(300 * random() ** 4); left > 0; left -= 1)
    value = random() < 0.5 ? [value] : { members: [[random() < 0.9 ? 'a' : oddKey(random), value]] };
  return value;
}
