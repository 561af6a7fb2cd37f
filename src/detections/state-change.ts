import { toIso } from '../text/time.ts';
import type { Change, Detection } from './detection.ts';
import { changeUid } from './identity.ts';
import { grade } from './severity.ts';
import { authorOf, peopleOf } from './state.ts';

/** `configuration` is the only ECS category that fits and allows the type `change`. */
const CATEGORY: readonly string[] = ['configuration'];
const TYPE: readonly string[] = ['change'];
const NONE: readonly string[] = [];

/**
 * The event of a finding being suppressed, resolved or reopened. It keeps which finding, where and by whom, but
 * nothing that the finding observed: a connection or a process in it would look like another attack at the time of
 * the change. That time is when we learned of it, since the API gives none.
 */
export function stateChangeOf(
  finding: Detection,
  change: Pick<Change, 'from' | 'to' | 'counter'>,
  receivedMs: number,
): Detection {
  const { uid, name, severity, state, related, run } = finding;
  return {
    ...finding,
    uid: changeUid(uid, change.from, change.to, change.counter),
    message: `StepSecurity: ${name} was ${wordOf(change)}`,
    time: receivedMs,
    time_seconds: receivedMs / 1_000,
    time_is_receipt: true,
    time_iso: toIso(receivedMs),
    event: {
      kind: 'event',
      action: `detection-${wordOf(change)}`,
      category: CATEGORY,
      type: TYPE,
      outcome: undefined,
    },
    action: undefined,
    verdict: undefined,
    stopped_by: undefined,
    dry_run: false,
    lockdown: undefined,
    severity: grade('low'),
    threat: undefined,
    endpoint: undefined,
    direct_ip: undefined,
    direction: undefined,
    parties: { src: finding.parties.src, dest: undefined, host: undefined },
    http: undefined,
    process: undefined,
    process_events: undefined,
    container: undefined,
    file: undefined,
    imposter: undefined,
    tool: undefined,
    secret: undefined,
    secret_place: undefined,
    policy: undefined,
    block_list: undefined,
    stated_severity: undefined,
    expected: undefined,
    related: { ...related, hosts: NONE, ip: NONE, hash: NONE, user: peopleOf(undefined, state) },
    // The user who started the run did not change the state.
    run: run === undefined ? undefined : { ...run, actor: undefined },
    worker: undefined,
    change: { ...change, uid, severity: severity.word, ...authorOf(change.to, state) },
    check: undefined,
    upgrade: undefined,
    failure_data: undefined,
    findings: undefined,
  };
}

function wordOf({ to }: Pick<Change, 'to'>): string {
  return to === 'suppressed' || to === 'resolved' ? to : 'reopened';
}
