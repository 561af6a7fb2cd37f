import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import yargs, { type CommandModule } from 'yargs';
import { backfillCommand } from '../../src/commands/backfill/command.ts';
import { checkCommand } from '../../src/commands/check/command.ts';
import { receiveCommand } from '../../src/commands/receive/command.ts';
import { runCommand } from '../../src/commands/run/command.ts';
import { setupCommand } from '../../src/commands/setup/command.ts';

export const DEPLOY = join(import.meta.dirname, '../../deploy');
export const CONFIG_FILE = '/etc/stepsecurity-siem/config.yaml';
export const OVERLAYS = ['s3-elasticsearch', 's3-splunk', 'sqs', 'receive', 'backfill'];

export const text = (path: string): string => readFileSync(join(DEPLOY, path), 'utf8');
export const overlayConfig = (name: string): string =>
  join(DEPLOY, 'kubernetes/overlays', name, 'config.yaml');

export interface Rule {
  readonly action: string;
  readonly onExitCodes?: { readonly values: readonly number[]; readonly containerName: string };
}
interface Pod {
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: {
    readonly runAsNonRoot: boolean;
    readonly seccompProfile: { readonly type: string };
  };
  readonly containers: readonly [
    {
      readonly name: string;
      readonly args: readonly string[];
      readonly securityContext: Record<string, unknown>;
      readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
    },
  ];
}
interface Work {
  readonly template: { readonly spec: Pod };
  readonly podFailurePolicy?: { readonly rules: readonly Rule[] };
  readonly backoffLimit?: number;
  readonly completions?: number;
}

interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: unknown;
}
/** The chart rendered with each file in ci/; deploy/check/helm.sh keeps these up to date. */
const GOLDEN = join(import.meta.dirname, 'golden');
export const renders = readdirSync(GOLDEN).map((file): [string, readonly Resource[]] => [
  basename(file, '.yaml'),
  parseAllDocuments(readFileSync(join(GOLDEN, file), 'utf8')).map((one) => one.toJS() as Resource),
]);

/** The work in a CronJob, Job, Deployment or Pod; undefined for everything else. */
export function workOf({ kind, spec }: Resource): Work | undefined {
  if (kind === 'CronJob') return (spec as { jobTemplate: { spec: Work } }).jobTemplate.spec;
  if (kind === 'Pod') return { template: { spec: spec as Pod } };
  return ['Job', 'Deployment'].includes(kind) ? (spec as Work) : undefined;
}

const spec = (path: string): unknown => (parse(text(path)) as { spec: unknown }).spec;
export const cronJob = (spec('kubernetes/base/cron-job.yaml') as { jobTemplate: { spec: Work } }).jobTemplate
  .spec;
export const works: Readonly<Record<string, Work>> = {
  CronJob: cronJob,
  Deployment: spec('kubernetes/overlays/sqs/deployment.yaml') as Work,
  Job: spec('kubernetes/overlays/backfill/job.yaml') as Work,
};

interface Container {
  readonly Command: readonly string[];
  readonly StopTimeout?: number;
  readonly Secrets: readonly { readonly Name: string }[];
}
/** The containers in aws/task.yaml. */
export function task(): readonly Container[] {
  const template = parse(text('aws/task.yaml'), { logLevel: 'silent' }) as {
    Resources: { Task: { Properties: { ContainerDefinitions: readonly Container[] } } };
  };
  return template.Resources.Task.Properties.ContainerDefinitions;
}

/** Parses a command line with the program's own commands, in strict mode, and runs nothing. */
export async function parsed(args: readonly string[]): Promise<Record<string, unknown>> {
  let seen: Record<string, unknown> = {};
  const catching = (command: object): CommandModule => ({
    ...(command as CommandModule),
    handler: (values) => {
      seen = values;
    },
  });
  await yargs([...args])
    .command(catching(runCommand))
    .command(catching(receiveCommand))
    .command(catching(backfillCommand))
    .command(catching(checkCommand))
    .command(catching(setupCommand))
    .demandCommand(1)
    .strict()
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new Error(message);
    })
    .parseAsync();
  return seen;
}
