import { expect } from '@jest/globals';
import type { JsonObject, SourceRecord } from '../../src/contracts/types.ts';
import { decode } from '../../src/detections/decode.ts';
import type { Decoded, DecodedRecord, DecodeOptions } from '../../src/detections/decoded.ts';
import type { Detection, KindProfile } from '../../src/detections/detection.ts';
import { DEFAULT_REDACTOR } from '../../src/redaction/redactor.ts';
import { originFrom } from '../mapping/samples.ts';

/** When the records in these tests are received. */
export const RECEIVED = Date.UTC(2026, 0, 15, 12);

export function profile(kind: string, over: Partial<KindProfile> = {}): KindProfile {
  return {
    kind,
    title: `Title of ${kind}`,
    dataset: 'detection',
    group: 'process',
    eventKind: 'alert',
    category: ['intrusion_detection'],
    type: ['info'],
    action: kind === 'Domain-Blocked' || kind.endsWith('-Policy-Blocked') ? 'blocked' : 'allowed',
    severity: 'medium',
    threat: [],
    reads: new Map(),
    ...over,
  };
}

const KINDS = [
  'Action-Uses-Commit-From-Non-Default-Branch',
  'Action-Uses-Imposter-Commit',
  'Actions-Policy-Blocked',
  'Domain-Blocked',
  'HTTPS-Outbound-Network-Call',
  'New-Outbound-Network-Call',
  'Privileged-Container',
  'Reverse-Shell',
  'Runner-Worker-Memory-Read',
  'Runs-On-Policy-Blocked',
  'Secret-In-Artifact',
  'Secret-In-Build-Log',
  'Secrets-Policy-Blocked',
  'Source-Code-Overwritten',
  'Threat-Intelligence',
  'pr_check_failure',
];
const PROFILES = new Map(KINDS.map((kind) => [kind, profile(kind)]));

const options: DecodeOptions = {
  profile: (kind) => PROFILES.get(kind),
  unknown: profile('_unknown', { reads: null }),
  identity: 'event_id',
  severity: {},
  deriveDestination: true,
  redactor: DEFAULT_REDACTOR,
};

export function decodeRecords(
  records: readonly SourceRecord[],
  over: Partial<DecodeOptions> = {},
): Iterable<DecodedRecord> {
  return decode(records, RECEIVED, { ...options, ...over });
}

export function decodeText(
  text: string,
  over: Partial<DecodeOptions> = {},
  source = 'file',
): readonly Decoded[] {
  const origin = { ...originFrom(source), uri: '/in/one.json', version: '1' };
  const [read] = decodeRecords([{ text, origin, offset: 0 }], over);
  return [...(read?.entries ?? [])];
}

/** The only detection in a payload. */
export function read(
  payload: JsonObject | string,
  over: Partial<DecodeOptions> = {},
  source = 'file',
): Detection {
  const entries = decodeText(typeof payload === 'string' ? payload : JSON.stringify(payload), over, source);
  expect(entries).toHaveLength(1);
  const [entry] = entries;
  if (entry === undefined || !('detection' in entry))
    throw new Error(`no detection: ${JSON.stringify(entry)}`);
  return entry.detection;
}

/** The code of the only fault in a text. */
export function faultOf(text: string): string {
  const entries = decodeText(text);
  expect(entries).toHaveLength(1);
  const [entry] = entries;
  if (entry === undefined || !('fault' in entry)) throw new Error(`no fault: ${JSON.stringify(entry)}`);
  return entry.fault.code;
}

/** A payload with the members that most kinds have. */
export function payloadOf(id: string, over: JsonObject = {}): JsonObject {
  return {
    id,
    name: `Name of ${id}`,
    owner: 'acme',
    repo: 'web',
    run_id: '16450863125',
    job_id: '46495445322',
    timestamp: '1753203994',
    detection: `${id}-something`,
    ...over,
  };
}

/** Token-shaped texts, assembled here so that no file holds one. */
export const TOKENS: Readonly<Record<string, string>> = {
  'GitHub classic': join('gh', 'p_', 'aB3'.repeat(12)),
  'GitHub server': join('gh', 's_', 'Zz9'.repeat(12)),
  'GitHub refresh': join('gh', 'r_', 'q1W'.repeat(12)),
  'GitHub fine-grained': join('github', '_pat_', '11ABCDEFG0', 'x'.repeat(20), '_', 'y'.repeat(30)),
  GitLab: join('gl', 'pat-', 'aZ_9-'.repeat(4)),
  'GitLab runner': join('gl', 'rt-', 'k8s.7'.repeat(4)),
  'AWS key id': join('AK', 'IA', 'Q3EGUZ7K'.repeat(2)),
  'AWS session key id': join('AS', 'IA', 'Q3EGUZ7K'.repeat(2)),
  'Slack bot': join('xo', 'xb-', '1234567890-', 'a1B2'.repeat(6)),
  'Slack app': join('xa', 'pp-', '1-A0123-', 'f00d'.repeat(6)),
  npm: join('np', 'm_', 'a1B'.repeat(12)),
  JWT: join('ey', 'JhbGciOiJIUzI1NiJ9', '.ey', 'JzdWIiOiIxMjM0In0.', 's1g_'.repeat(8)),
};

function join(...parts: string[]): string {
  return parts.join('');
}

/** The part of a token that must not appear anywhere afterwards. */
export function core(token: string): string {
  return token.slice(-14);
}
