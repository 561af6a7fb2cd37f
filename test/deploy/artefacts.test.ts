import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { exitCodeOf } from '../../src/account/exit.ts';
import { loadConfig } from '../../src/config/load.ts';
import { type Config, configSchema } from '../../src/config/schema.ts';
import { ConfigError, LeaseError, UnavailableError } from '../../src/contracts/errors.ts';
import {
  CHART,
  CONFIG_FILE,
  cronJob,
  DEPLOY,
  OVERLAYS,
  overlayConfig,
  parsed,
  type Rule,
  text,
  works,
} from './artefacts.ts';

/** What no linter sees: that the artefacts name this program's own verbs, options, exit codes and files. */

const codes = (rules: readonly Rule[] | undefined, action: string): number[] =>
  (rules ?? [])
    .filter((rule) => rule.action === action)
    .flatMap((rule) => [...(rule.onExitCodes?.values ?? [])]);

const BUG = exitCodeOf(new TypeError('ours'), 0);
const CONFIG = exitCodeOf(new ConfigError('theirs'), 0);
const LETTERS = exitCodeOf(undefined, 1);
const AWAY = exitCodeOf(new UnavailableError('away'), 0);
const HELD = exitCodeOf(new LeaseError('held'), 0);
/** 128 and the number of the signal: V8 out of memory, and the kernel. */
const [ABORTED, KILLED] = [128 + constants.signals.SIGABRT, 128 + constants.signals.SIGKILL];

/** The files a configuration reads secrets from. */
function secretFiles(config: Config): string[] {
  return Object.entries(config.sink).flatMap(([key, value]) =>
    key.endsWith('_file') && typeof value === 'string' ? [value] : [],
  );
}

describe('command lines', () => {
  test.each(['CronJob', 'Deployment'])('%s: the program takes them', async (kind) => {
    const values = await parsed(works[kind]?.template.spec.containers[0].args ?? []);
    expect(values['config']).toBe(CONFIG_FILE);
  });

  test('Job: the program takes them', async () => {
    const args = works['Job']?.template.spec.containers[0].args ?? [];
    const values = await parsed(args.map((arg) => arg.replace('$(JOB_COMPLETION_INDEX)/N', '0/8')));
    expect(values).toMatchObject({ config: CONFIG_FILE, shard: '0/8' });
  });

  test('a wrong flag would be seen', async () => {
    await expect(parsed(['run', '--confg', CONFIG_FILE])).rejects.toThrow();
    await expect(parsed(['runn'])).rejects.toThrow();
  });

  test('the Deployment follows, the CronJob does not', async () => {
    expect(await parsed(works['Deployment']?.template.spec.containers[0].args ?? [])).toMatchObject({
      follow: true,
    });
    expect((await parsed(cronJob.template.spec.containers[0].args))['follow']).not.toBe(true);
  });

  test('systemd unit and crontab', async () => {
    const lines = [
      /^ExecStart=\S+\/node \S+\/stepsecurity-siem (.+)$/m.exec(text('cron/stepsecurity-siem.service'))?.[1],
      /\S+\/node \S+\/stepsecurity-siem (.+?) >>/.exec(text('cron/stepsecurity-siem.crontab'))?.[1],
    ];
    for (const line of lines)
      expect(await parsed(line?.split(' ') ?? [])).toMatchObject({ config: CONFIG_FILE });
  });

  test('the chart says what kustomize says', () => {
    for (const [template, kind] of [
      ['schedule', 'CronJob'],
      ['queue', 'Deployment'],
      ['backfill', 'Job'],
    ] as const) {
      const list = /\(?list ((?:"[^"]+" ?)+)/.exec(
        text(`helm/stepsecurity-siem/templates/${template}.yaml`),
      )?.[1];
      const args = (list?.match(/"[^"]+"/g) ?? []).map((arg) => arg.slice(1, -1));
      const ours = works[kind]?.template.spec.containers[0].args.filter((arg) => !arg.includes('$('));
      expect(args).toEqual(ours);
    }
  });
});

describe('exit codes', () => {
  test('CronJob: what trying again mends is counted, the rest fails at once', () => {
    expect(codes(cronJob.podFailurePolicy?.rules, 'FailJob')).toEqual([BUG, CONFIG, LETTERS]);
    expect(codes(cronJob.podFailurePolicy?.rules, 'Count')).toEqual([AWAY, HELD, ABORTED, KILLED]);
  });

  test('Job: a shard with dead letters does not stop the others', () => {
    const rules = works['Job']?.podFailurePolicy?.rules;
    expect(codes(rules, 'FailJob')).toEqual([BUG, CONFIG]);
    expect(codes(rules, 'FailIndex')).toEqual([LETTERS]);
    expect(codes(rules, 'Count')).toEqual([AWAY, HELD, ABORTED, KILLED]);
  });

  test('rules judge the container that is there', () => {
    for (const work of Object.values(works))
      for (const { onExitCodes } of work.podFailurePolicy?.rules ?? [])
        if (onExitCodes) expect(onExitCodes.containerName).toBe(work.template.spec.containers[0].name);
  });

  test('the chart has the same rules', () => {
    const rules = (source: string): string[] =>
      [...source.matchAll(/- action: (\w+)\n\s+onExitCodes: .*values: (\[[\d, ]+\])/g)].map(
        (m) => `${m[1]} ${m[2]}`,
      );
    const pairs = [
      ['schedule.yaml', 'kubernetes/base/cron-job.yaml'],
      ['backfill.yaml', 'kubernetes/overlays/backfill/job.yaml'],
    ] as const;
    for (const [template, manifest] of pairs) {
      const ours = rules(text(manifest));
      expect(ours.length).toBeGreaterThan(1);
      expect(rules(text(`helm/stepsecurity-siem/templates/${template}`))).toEqual(ours);
    }
  });
});

describe('configurations', () => {
  const env = { CREDENTIALS_DIRECTORY: '/run/credentials' };

  test.each([
    join(DEPLOY, 'docker/config.yaml'),
    join(DEPLOY, 'cron/config.yaml'),
    ...OVERLAYS.filter((name) => name !== 'sqs').map(overlayConfig),
  ])('%s', (file) => {
    expect(loadConfig(file, [], env).source.type).toBe('s3');
  });

  test('the queue overlay reads the queue that KEDA counts', () => {
    const { queue_url: url } = loadConfig(overlayConfig('sqs'), [], env).source as unknown as {
      queue_url: string;
    };
    const [, scaled] = parseAllDocuments(text('kubernetes/overlays/sqs/scaled-object.yaml'));
    expect(scaled?.getIn(['spec', 'triggers', 0, 'metadata', 'queueURL'])).toBe(url);
  });

  test.each(readdirSync(join(CHART, 'ci')))('the chart with %s', (file) => {
    const { config, ...values } = {
      ...parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')),
      ...parse(readFileSync(join(CHART, 'ci', file), 'utf8')),
    } as { mode: string; queue: { url: string }; config: { source: object } };
    // As the template does it.
    const queue = values.mode === 'queue' && { queue_url: values.queue.url };
    const whole = { ...config, source: { ...config.source, ...queue } };
    expect(configSchema.safeParse(whole).error).toBeUndefined();
  });

  test('a pod keeps no state of its own', () => {
    for (const name of OVERLAYS) {
      const { state } = parse(readFileSync(overlayConfig(name), 'utf8')) as { state: { type: string } };
      expect(state.type).toBe('s3');
    }
  });
});

describe('names that must meet', () => {
  test('pods mount the configuration and the secrets where they are read', () => {
    for (const { template } of Object.values(works)) {
      const mounts = new Map(
        template.spec.containers[0].volumeMounts.map((mount) => [mount.name, mount.mountPath]),
      );
      expect(mounts.get('config')).toBe(dirname(CONFIG_FILE));
      for (const name of OVERLAYS.filter((overlay) => overlay !== 'sqs')) {
        const files = secretFiles(loadConfig(overlayConfig(name), []));
        expect(files.length).toBe(1);
        for (const file of files) expect(dirname(file)).toBe(mounts.get('credentials'));
      }
    }
  });

  test('systemd loads the credential the configuration reads', () => {
    const [file = ''] = secretFiles(
      loadConfig(join(DEPLOY, 'cron/config.yaml'), [], { CREDENTIALS_DIRECTORY: '/c' }),
    );
    const loaded = /^LoadCredential=([^:]+):/m.exec(text('cron/stepsecurity-siem.service'))?.[1];
    expect(file).toBe(`/c/${loaded}`);
    expect(text('kubernetes/base/kustomization.yaml')).toContain(`--from-file=${basename(file)}`);
  });

  test('everything waits longer for the end than the program takes', () => {
    const { grace } = loadConfig(overlayConfig('s3-elasticsearch'), []).pipeline;
    for (const { template } of Object.values(works))
      expect(template.spec.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(grace);
    expect(
      Number(/^TimeoutStopSec=(\d+)$/m.exec(text('cron/stepsecurity-siem.service'))?.[1]) * 1_000,
    ).toBeGreaterThan(grace);
  });

  test('pods ask for nothing the restricted standard refuses', () => {
    for (const { template } of Object.values(works)) {
      const { securityContext, containers } = template.spec;
      expect(securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(containers[0].securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  });

  test('every alarm of the stack tells the topic that it may be given', () => {
    const { Resources } = parse(text('aws/cloudformation.yaml'), { logLevel: 'silent' }) as {
      Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: Alarm }>>;
    };
    type Alarm = { readonly AlarmActions?: unknown; readonly OKActions?: unknown };
    const alarms = Object.values(Resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
    expect(alarms.length).toBeGreaterThan(1);
    const told = ['WithAlarmTopic', ['AlarmTopicArn'], 'AWS::NoValue'];
    for (const { Properties } of alarms)
      expect(Properties).toMatchObject({ AlarmActions: told, OKActions: told });
  });

  test('the stack grants what the single policies grant', () => {
    type Statements = readonly { readonly Sid: string; readonly Action: unknown }[];
    const template = parse(text('aws/cloudformation.yaml'), { logLevel: 'silent' }) as {
      Resources: { Policy: { Properties: { PolicyDocument: { Statement: readonly unknown[] } } } };
    };
    const inStack = template.Resources.Policy.Properties.PolicyDocument.Statement.flat() as Statements;
    const actions = (statements: Statements): Map<string, unknown> =>
      new Map(
        statements.filter((entry) => typeof entry === 'object').map((entry) => [entry.Sid, entry.Action]),
      );
    const single = ['source-read', 'state', 'queue'].flatMap(
      (name) => (JSON.parse(text(`aws/iam/${name}.json`)) as { Statement: Statements }).Statement,
    );
    const granted = actions(inStack);
    for (const [sid, action] of actions(single)) expect([sid, granted.get(sid)]).toEqual([sid, action]);
  });
});
