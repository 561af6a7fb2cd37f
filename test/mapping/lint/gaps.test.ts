import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it, test } from '@jest/globals';
import { datasetOf, gapsOf } from './cim.ts';
import { type CimEvent, readEvents } from './events.ts';

/**
 * Why no payload fills a field. A field that is not listed is filled, by every kind and in every model that requires
 * it.
 */
const WHY: Readonly<Record<string, string>> = {
  user: 'an export has no user; the run has one, if it is looked up',
  src_user: 'like user',
  src: 'an incident belongs to no repository',
  dest: 'like src',
  action: 'it is unknown whether it was stopped',
  mitre_technique_id: 'it shows no adversary behavior',
  dest_port: 'many endpoints are only a name',
  src_port: 'the agent reports no port of the runner',
  transport: 'the agent reports TCP and UDP alike',
  protocol: 'like transport',
  bytes: 'the agent does not count them',
  bytes_in: 'like bytes',
  bytes_out: 'like bytes',
  packets: 'like bytes',
  packets_in: 'like bytes',
  packets_out: 'like bytes',
  status: 'the agent sees requests but no replies',
  http_method: 'few calls lack it',
  http_user_agent: 'the agent reports none',
  http_user_agent_length: 'like http_user_agent',
  process_path: 'a bare name has no path',
  parent_process: 'the agent reports only the id of a parent, and at most its name',
  parent_process_name: 'like parent_process',
  parent_process_path: 'like parent_process',
  file_path: 'a bare name has no path, and memory is a file on Linux only',
  file_name: 'memory is a file on Linux only',
  file_hash: 'the tool may hold that of a program, but nothing holds that of a file',
  file_size: 'the agent reports none',
  file_acl: 'like file_size',
  file_create_time: 'like file_size',
  file_modify_time: 'like file_size',
};

/** The fields that risk-based detections in Splunk Enterprise Security read, whether or not the model requires them. */
const RISK = ['src', 'user', 'dest', 'signature', 'mitre_technique_id', 'severity'];

/** From our own API source, which has more than an export. */
const API = new Set(['enriched', 'incidents', 'policy-dry-run', 'rows', 'state-change']);
/** What the add-on adds to each of our events at search time. */
const props = readFileSync(
  new URL('../../../deploy/splunk/TA-stepsecurity/default/props.conf', import.meta.url),
  'utf8',
).split(/^(?=\[)/m)[1];
const added = Object.fromEntries(
  [...(props ?? '').matchAll(/^EVAL-(\w+) = (?:coalesce\(\1, )?"([^"]+)"\)?$/gm)].map(([, name, value]) => [
    name ?? '',
    value ?? '',
  ]),
);

const all = readEvents().map((one) => ({ ...one, event: { ...added, ...one.event } }));
const exported = all.filter(({ sample, odd }) => !odd && !API.has(sample));

interface Lacking {
  /** Fields that no event of the kind has, and fields that some lack. */
  readonly never: readonly string[];
  readonly sometimes: readonly string[];
  /** Only recommended: not required by any rule. */
  readonly recommended: readonly string[];
}

function lackingOf(events: readonly CimEvent[]): Lacking {
  const gaps = events.map(({ event, model, profile }) => {
    const { required, conditional, recommended } = gapsOf(event, model);
    const risk = profile === 'activity' ? [] : RISK.filter((field) => event[field] === undefined);
    return { asked: new Set([...required, ...conditional, ...risk]), recommended };
  });
  const lacking = [...new Set(gaps.flatMap(({ asked }) => [...asked]))].sort();
  const isNever = (field: string): boolean => gaps.every(({ asked }) => asked.has(field));
  return {
    never: lacking.filter(isNever),
    sometimes: lacking.filter((field) => !isNever(field)),
    recommended: [...new Set(gaps.flatMap(({ recommended }) => recommended))].sort(),
  };
}

/** By kind and model. */
function table(): Record<string, Record<string, Lacking>> {
  const kinds = [...new Set(exported.map(({ kind }) => kind))].sort();
  return Object.fromEntries(
    kinds.map((kind) => {
      const own = exported.filter((event) => event.kind === kind);
      const models = [...new Set(own.map(({ model }) => model))].sort();
      const lacking = models.map((model) => [model, lackingOf(own.filter((event) => event.model === model))]);
      return [kind, Object.fromEntries(lacking) as Record<string, Lacking>];
    }),
  );
}

/**
 * Exactly what the data models require and the payload cannot fill, read in review: a new gap is a regression, and a
 * closed one an improvement. `npm run golden` writes it.
 */
test('each kind lacks exactly what is written down', () => {
  const file = new URL('../../golden/gaps.json', import.meta.url);
  const text = `${JSON.stringify(table(), null, 2)}\n`;
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, 'utf8'));
});

describe('each gap has its reason', () => {
  const gaps = Object.values(table()).flatMap((models) => Object.values(models));
  const fields = new Set(gaps.flatMap((gap) => [...gap.never, ...gap.sometimes, ...gap.recommended]));

  it('and every reason has a gap', () => {
    expect(Object.keys(WHY).sort()).toEqual([...fields].sort());
  });
});

test("a run's details close the gaps of the user", () => {
  const enriched = all.filter(({ sample }) => sample === 'enriched');
  const gaps = enriched.flatMap(({ event, model }) => gapsOf(event, model).required);
  expect(gaps).not.toContain('user');
  expect(gaps).not.toContain('src_user');
});

test('a field that is removed becomes a gap', () => {
  for (const { event, model } of exported) {
    for (const [field, { need }] of Object.entries(datasetOf(model)?.fields ?? {})) {
      if (need !== 'required' || event[field] === undefined) continue;
      const { [field]: _, ...rest } = event;
      expect(gapsOf(rest, model).required).toContain(field);
    }
  }
});
