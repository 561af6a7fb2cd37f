import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { exitCodeOf } from '../../src/account/exit.ts';
import { substituteEnv } from '../../src/config/env.ts';
import { loadConfig } from '../../src/config/load.ts';
import { type Config, configSchema } from '../../src/config/schema.ts';
import { ConfigError, LeaseError, UnavailableError } from '../../src/contracts/errors.ts';
import { read } from '../markdown.ts';
import {
  CONFIG_FILE,
  cronJob,
  DEPLOY,
  OVERLAYS,
  overlayConfig,
  parsed,
  type Rule,
  renders,
  task,
  text,
  workOf,
  works,
} from './artefacts.ts';

/** Checks what no linter can: that the artifacts use this program's own verbs, options, exit codes and files. */

const codes = (rules: readonly Rule[] | undefined, action: string): number[] =>
  (rules ?? [])
    .filter((rule) => rule.action === action)
    .flatMap((rule) => [...(rule.onExitCodes?.values ?? [])]);

const BUG = exitCodeOf(new TypeError('ours'), 0);
const CONFIG = exitCodeOf(new ConfigError('theirs'), 0);
const LETTERS = exitCodeOf(undefined, 1);
const AWAY = exitCodeOf(new UnavailableError('away'), 0);
const HELD = exitCodeOf(new LeaseError('held'), 0);
/** 128 plus the number of the signal: V8 out of memory, and the kernel's OOM killer. */
const [ABORTED, KILLED] = [128 + constants.signals.SIGABRT, 128 + constants.signals.SIGKILL];

/** The files that a configuration reads secrets from. */
function secretFiles(config: Config): string[] {
  return Object.entries(config.sink).flatMap(([key, value]) =>
    key.endsWith('_file') && typeof value === 'string' ? [value] : [],
  );
}

const filesBelow = (folder: string): string[] =>
  readdirSync(join(DEPLOY, '..', folder), { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile() && !one.name.endsWith('.png'))
    .map((one) => relative(join(DEPLOY, '..'), join(one.parentPath, one.name)));

describe('command lines', () => {
  test.each(['CronJob', 'Deployment'])('%s: the program accepts them', async (kind) => {
    const values = await parsed(works[kind]?.template.spec.containers[0].args ?? []);
    expect(values['config']).toBe(CONFIG_FILE);
  });

  test('Job: the program accepts them', async () => {
    const args = works['Job']?.template.spec.containers[0].args ?? [];
    const values = await parsed(args.map((arg) => arg.replace('$(JOB_COMPLETION_INDEX)/N', '0/8')));
    expect(values).toMatchObject({ config: CONFIG_FILE, shard: '0/8' });
  });

  test('a wrong flag is found', async () => {
    await expect(parsed(['run', '--confg', CONFIG_FILE])).rejects.toThrow();
    await expect(parsed(['runn'])).rejects.toThrow();
  });

  test('the Deployment follows, the CronJob does not', async () => {
    expect(await parsed(works['Deployment']?.template.spec.containers[0].args ?? [])).toMatchObject({
      follow: true,
    });
    expect((await parsed(cronJob.template.spec.containers[0].args))['follow']).not.toBe(true);
  });

  test('no page tells people to install the program under a name that anybody could register', () => {
    const pages = ['README.md', ...['deploy', 'docs'].flatMap((folder) => filesBelow(folder))];
    const told = pages.flatMap((page) =>
      (/\b(?:npx|npm (?:i|install|exec)\b[^\n`]*?) stepsecurity-siem\b[^\n`]*/.exec(read(page)) ?? []).map(
        (line) => `${page}: ${line}`,
      ),
    );
    expect(pages.length).toBeGreaterThan(50);
    expect(told).toEqual([]);
  });

  test('systemd unit and crontab', async () => {
    const lines = [
      /^ExecStart=\S+\/node \S+\/stepsecurity-siem (.+)$/m.exec(text('cron/stepsecurity-siem.service'))?.[1],
      /\S+\/node \S+\/stepsecurity-siem (.+?) >>/.exec(text('cron/stepsecurity-siem.crontab'))?.[1],
    ];
    for (const line of lines)
      expect(await parsed(line?.split(' ') ?? [])).toMatchObject({ config: CONFIG_FILE });
  });

  test('the ECS task, and the container that writes its configuration', async () => {
    const [configuration, program] = task();
    expect(await parsed(program?.Command ?? [])).toMatchObject({ config: CONFIG_FILE });
    expect(configuration?.Command[0]).toContain(`writeFileSync('${CONFIG_FILE}', process.env.CONFIGURATION)`);
    expect(configuration?.Secrets.map(({ Name }) => Name)).toEqual(['CONFIGURATION']);
    const page = text('aws/README.md');
    expect(page).toContain(`\${${program?.Secrets[0]?.Name}}`);
    const example = /```yaml\n# config\.yaml\n([\s\S]+?)```/.exec(page)?.[1] ?? '';
    expect(configSchema.safeParse(parse(example)).error).toBeUndefined();
  });

  test.each(renders)('the chart with %s', async (_, resources) => {
    const all = resources.flatMap((resource) => workOf(resource) ?? []);
    expect(all.length).toBeGreaterThan(0);
    for (const { template } of all) {
      const { args } = template.spec.containers[0];
      const values = await parsed(args.map((arg) => arg.replace('$(JOB_COMPLETION_INDEX)', '0')));
      expect(values).toMatchObject({ config: CONFIG_FILE });
    }
  });
});

describe('exit codes', () => {
  test('CronJob: errors that a retry can fix count as failures, the rest fail the job immediately', () => {
    expect(codes(cronJob.podFailurePolicy?.rules, 'FailJob')).toEqual([BUG, CONFIG, LETTERS]);
    expect(codes(cronJob.podFailurePolicy?.rules, 'Count')).toEqual([AWAY, HELD, ABORTED, KILLED]);
  });

  test('Job: a shard with dead letters does not stop the others', () => {
    const rules = works['Job']?.podFailurePolicy?.rules;
    expect(codes(rules, 'FailJob')).toEqual([BUG, CONFIG]);
    expect(codes(rules, 'FailIndex')).toEqual([LETTERS]);
    expect(codes(rules, 'Count')).toEqual([AWAY, HELD, ABORTED, KILLED]);
  });

  test('rules name a container that exists', () => {
    for (const work of Object.values(works))
      for (const { onExitCodes } of work.podFailurePolicy?.rules ?? [])
        if (onExitCodes) expect(onExitCodes.containerName).toBe(work.template.spec.containers[0].name);
  });

  test.each(renders)('the chart with %s: the same rules', (_, resources) => {
    for (const resource of resources) {
      const rules = workOf(resource)?.podFailurePolicy?.rules;
      if (rules) expect(rules).toEqual(works[resource.kind]?.podFailurePolicy?.rules);
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

  test.each(renders)('the chart with %s', (_, resources) => {
    for (const { data } of resources) {
      if (!data) continue;
      const tree = parse(data['config.yaml'] ?? '') as unknown;
      const { value } = substituteEnv(tree, { AWS_REGION: 'eu-central-1', FETCHES: '8' });
      const errors = configSchema.safeParse(value).error?.issues ?? [];
      // Text from the environment is converted to a number where the schema wants one; see test/config.
      expect(errors.filter(({ path }) => path.at(-1) !== 'fetch_concurrency')).toEqual([]);
    }
  });

  test('a pod keeps no state on its own disk', () => {
    for (const name of OVERLAYS) {
      const { state } = parse(readFileSync(overlayConfig(name), 'utf8')) as { state: { type: string } };
      expect(state.type).toBe('s3');
    }
  });
});

describe('names that must match', () => {
  const all = () => [
    ...Object.values(works),
    ...renders.flatMap(([, resources]) => resources.flatMap((resource) => workOf(resource) ?? [])),
  ];

  test('pods mount the configuration and the secrets where the program reads them', () => {
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

  test('systemd loads the credential that the configuration reads', () => {
    const [file = ''] = secretFiles(
      loadConfig(join(DEPLOY, 'cron/config.yaml'), [], { CREDENTIALS_DIRECTORY: '/c' }),
    );
    const loaded = /^LoadCredential=([^:]+):/m.exec(text('cron/stepsecurity-siem.service'))?.[1];
    expect(file).toBe(`/c/${loaded}`);
    expect(text('kubernetes/base/kustomization.yaml')).toContain(`--from-file=${basename(file)}`);
  });

  test("every grace period is longer than the program's own", () => {
    const { grace } = loadConfig(overlayConfig('s3-elasticsearch'), []).pipeline;
    for (const { template } of all())
      expect(template.spec.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(grace);
    expect((task()[1]?.StopTimeout ?? 0) * 1_000).toBeGreaterThan(grace);
    expect(
      Number(/^TimeoutStopSec=(\d+)$/m.exec(text('cron/stepsecurity-siem.service'))?.[1]) * 1_000,
    ).toBeGreaterThan(grace);
  });

  test('pods request nothing that the restricted standard refuses', () => {
    for (const { template } of all()) {
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

  test('every alarm of the stack notifies the topic in its parameters', () => {
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

  test('the stack grants what the separate policies grant', () => {
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
