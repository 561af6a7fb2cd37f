import { describe, expect, it, test } from '@jest/globals';
import { createEnvelope, envelopesText } from '../../src/sinks/splunk-hec/envelope.ts';
import { ACTIVITY_SOURCETYPE, SOURCETYPE } from '../../src/sinks/splunk-hec/options.ts';
import { API_KINDS } from '../../src/sources/api/kinds.ts';
import { readEvents } from '../mapping/lint/events.ts';
import { MAPPINGS } from '../mapping/samples.ts';
import { addonConf, compileSearch, type Event } from './spl.ts';

const eventtypes = addonConf('eventtypes');
const tags = addonConf('tags');

/** The tags by which Splunk_SA_CIM selects the events of each data model. */
const MODELS: Readonly<Record<string, readonly string[]>> = {
  'Alerts.Alerts': ['alert'],
  'Intrusion_Detection.IDS_Attacks': ['ids', 'attack'],
  'DLP.DLP_Incidents': ['dlp', 'incident'],
  'Network_Traffic.All_Traffic': ['network', 'communicate'],
  'Web.Web': ['web'],
  'Endpoint.Processes': ['process', 'report'],
  'Endpoint.Filesystem': ['endpoint', 'filesystem'],
};

const BEST_FIT = ['stepsecurity_ids', 'stepsecurity_dlp', 'stepsecurity_alert'];
const ACTIVITY = [
  'stepsecurity_activity_traffic',
  'stepsecurity_activity_web',
  'stepsecurity_activity_process',
  'stepsecurity_activity_filesystem',
];

function modelsOf(event: Event, enabled: readonly string[]): string[] {
  const matching = enabled.filter((name) => compileSearch(eventtypes.get(name)?.get('search') ?? '')(event));
  const given = new Set(matching.flatMap((name) => [...(tags.get(`eventtype=${name}`)?.keys() ?? [])]));
  return Object.keys(MODELS).filter((model) => MODELS[model]?.every((tag) => given.has(tag)));
}

const detection = (kind: string | undefined): Event => ({ sourcetype: SOURCETYPE, signature_id: kind });
const activity = (kind: string): Event => ({ sourcetype: ACTIVITY_SOURCETYPE, signature_id: kind });

const IDS = 'Intrusion_Detection.IDS_Attacks';
const ALERTS = 'Alerts.Alerts';
const DLP = 'DLP.DLP_Incidents';

/** No second event. */
const NONE = 'no model';

/** kind, model with best_fit, model of the activity event */
const TABLE: readonly (readonly [string, string, string])[] = [
  ['Action-Uses-Commit-From-Non-Default-Branch', ALERTS, NONE],
  ['Action-Uses-Imposter-Commit', ALERTS, NONE],
  ['Domain-Blocked', IDS, 'Network_Traffic.All_Traffic'],
  ['HTTPS-Outbound-Network-Call', IDS, 'Web.Web'],
  ['New-Outbound-Network-Call', IDS, 'Network_Traffic.All_Traffic'],
  ['Privileged-Container', IDS, 'Endpoint.Processes'],
  ['Reverse-Shell', IDS, 'Endpoint.Processes'],
  ['Runner-Worker-Memory-Read', IDS, 'Endpoint.Filesystem'],
  ['Secret-In-Build-Log', DLP, NONE],
  ['Source-Code-Overwritten', IDS, 'Endpoint.Filesystem'],
  ['Actions-Policy-Blocked', ALERTS, NONE],
  ['Runs-On-Policy-Blocked', ALERTS, NONE],
  ['Secrets-Policy-Blocked', ALERTS, NONE],
  ['Compromised-Actions-Policy-Blocked', ALERTS, NONE],
  ['Suspicious-Network-Call', IDS, NONE],
  ['Suspicious-Process-Call', IDS, NONE],
  ['Secret-In-Artifact', DLP, NONE],
  ['Agent-Tampered', ALERTS, NONE],
  ['Harden-Runner-Config-Changed', ALERTS, NONE],
  ['NPM-Package-Upgrade-To-Suspicious-Version', ALERTS, NONE],
  ['Threat-Intelligence', ALERTS, NONE],
  ['pr_check_failure', ALERTS, NONE],
  ['A-Kind-Nobody-Has-Seen', ALERTS, NONE],
];

describe('every event is in exactly one data model', () => {
  test.each(TABLE)('best_fit: %s is in %s', (kind, model) => {
    expect(modelsOf(detection(kind), BEST_FIT)).toEqual([model]);
  });

  test.each(TABLE)('alerts_only: %s is in Alerts', (kind) => {
    expect(modelsOf(detection(kind), ['stepsecurity_alerts_only'])).toEqual([ALERTS]);
  });

  test.each(TABLE)('fan_out: %s is in %s, its activity in %s', (kind, model, observed) => {
    const enabled = [...BEST_FIT, ...ACTIVITY];
    expect(modelsOf(detection(kind), enabled)).toEqual([model]);
    expect(modelsOf(activity(kind), enabled)).toEqual(observed === NONE ? [] : [observed]);
  });

  it('even without a kind, and the check’s own event is in none', () => {
    expect(modelsOf(detection(undefined), BEST_FIT)).toEqual([ALERTS]);
    // A new kind is written for Alerts, whatever its name reminds of.
    expect(modelsOf(detection('Suspicious-Something-New'), BEST_FIT)).toEqual([ALERTS]);
    const check = { sourcetype: 'stepsecurity:harden_runner:check' };
    expect(modelsOf(check, [...eventtypes.keys()])).toEqual([]);
  });

  it('covers all kinds the API knows', () => {
    expect(TABLE.map(([kind]) => kind)).toEqual(expect.arrayContaining([...API_KINDS]));
  });

  it('is the model that the mappings write for', () => {
    const { kinds, unknown } = MAPPINGS;
    const files = [...kinds, { ...unknown, detection: 'A-Kind-Nobody-Has-Seen' }];
    const written = files.map(({ detection, cim }) => [detection, [cim.model, cim.activity?.model ?? NONE]]);
    expect(Object.fromEntries(written)).toEqual(
      Object.fromEntries(TABLE.map(([kind, model, observed]) => [kind, [model, observed]])),
    );
  });

  const profiles = {
    best_fit: { sourcetype: SOURCETYPE, enabled: BEST_FIT },
    alerts_only: { sourcetype: SOURCETYPE, enabled: ['stepsecurity_alerts_only'] },
    activity: { sourcetype: ACTIVITY_SOURCETYPE, enabled: [...BEST_FIT, ...ACTIVITY] },
  };
  const samples = readEvents();
  test.each([...new Set(samples.map(({ sample }) => sample))])(
    'of the sample %s, in each profile',
    (name) => {
      for (const { event, model, profile } of samples.filter(({ sample }) => sample === name)) {
        const { sourcetype, enabled } = profiles[profile];
        expect(modelsOf({ sourcetype, ...event }, enabled)).toEqual([model]);
      }
    },
  );

  it('sees the source type of what the sink sends', () => {
    const envelope = createEnvelope(
      { host: 'h', sourcetype: SOURCETYPE, index: undefined, source: undefined },
      'api',
    );
    const document = { uid: 'u', kind: 'k', dataset: 'detection', time: 0, timeIsReceipt: false };
    const json = Buffer.from('{"signature_id":"Reverse-Shell"}');
    const sent = JSON.parse(envelopesText([envelope({ ...document, json })]));
    expect(modelsOf({ sourcetype: sent.sourcetype, ...sent.event }, BEST_FIT)).toEqual([IDS]);
  });
});
