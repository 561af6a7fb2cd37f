import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { configSchema } from '../../src/config/schema.ts';
import { CONFIG_FILE, DEPLOY, parsed, renders, text } from './artefacts.ts';
import { credentials, execStart } from './systemd.ts';

/** Checks that each receiver (of chart, overlay, systemd and compose) listens, reads and stores where its configuration says, and ends in time. */

type Labels = Readonly<Record<string, string>>;
interface Deployment {
  readonly replicas: number;
  readonly strategy: { readonly type: string; readonly rollingUpdate?: { readonly maxUnavailable: number } };
  readonly template: {
    readonly metadata: { readonly labels: Labels };
    readonly spec: Pod;
  };
}
interface Pod {
  readonly terminationGracePeriodSeconds: number;
  readonly containers: readonly [Container];
}
interface Container {
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly readinessProbe: { readonly httpGet: object };
  readonly livenessProbe: { readonly httpGet: object };
  readonly lifecycle: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } };
}

/** The overlay of kustomize as a list of resources: `kubectl kustomize` adds the label `name` to all of them. */
const OVERLAY = 'kubernetes/overlays/receive';
const overlay = [
  ...['deployment', 'service', 'pod-disruption-budget', 'network-policy'].map((name) =>
    parse(
      text(`${OVERLAY}/${name}.yaml`).replace('labels: {', '$& app.kubernetes.io/name: stepsecurity-siem,'),
    ),
  ),
  parse(text('kubernetes/base/cron-job.yaml')),
  {
    kind: 'ConfigMap',
    metadata: { name: 'stepsecurity-siem' },
    data: { 'config.yaml': text(`${OVERLAY}/config.yaml`) },
  },
] as (typeof renders)[number][1];

const receivers = [
  ...renders.map(([name, resources]) => [`the chart with ${name}`, resources] as const),
  ['the overlay', overlay] as const,
].flatMap(([name, resources]) => {
  const of = (kind: string) =>
    resources
      .filter((one) => one.kind === kind && one.metadata.name.endsWith('-receive'))
      .map((one) => one.spec);
  const [deployment] = of('Deployment') as Deployment[];
  if (deployment === undefined) return [];
  const [text = ''] = resources.flatMap(({ data }) => data?.['config.yaml'] ?? []);
  const { receive, ...config } = configSchema.parse(parse(text));
  if (receive === undefined) throw new Error(`${name}: no section receive`);
  const [container] = deployment.template.spec.containers;
  return [{ name, of, deployment, container, receive, config, resources }];
});
const portOf = (listen: string): number => Number(/\d+$/.exec(listen)?.[0]);

test('there are two with a bucket and one with a folder', () => {
  expect(receivers.map(({ config }) => config.source.type).sort()).toEqual(['file', 's3', 's3']);
});

describe.each(receivers)('$name', ({ of, deployment, container, receive, config, resources }) => {
  const isFolder = config.source.type === 'file';
  const { labels } = deployment.template.metadata;
  const mounts = new Map(container.volumeMounts.map(({ name, mountPath }) => [name, mountPath]));

  test('the program accepts its command line, and delivers what nobody else can read', async () => {
    expect(await parsed(container.args)).toMatchObject({ config: CONFIG_FILE, deliver: isFolder });
    expect(resources.some(({ kind }) => kind === 'CronJob')).toBe(!isFolder);
  });

  test('ports, probes, Service and network policy are those of the configuration', () => {
    const ports = new Map(container.ports.map((port) => [port.name, port.containerPort]));
    expect(ports.get('webhook')).toBe(portOf(receive.listen));
    expect(ports.get('status')).toBe(portOf(receive.status_listen));
    expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'status' });
    expect(container.livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'status' });
    const [service] = of('Service') as { selector: Labels; ports: { targetPort: string }[] }[];
    expect(service?.ports.map(({ targetPort }) => targetPort)).toEqual(['webhook']);
    const [policy] = of('NetworkPolicy') as {
      podSelector: { matchLabels: Labels };
      ingress: { ports: { port: number }[] }[];
    }[];
    expect(policy?.ingress[0]?.ports).toEqual([{ protocol: 'TCP', port: portOf(receive.listen) }]);
    for (const selector of [service?.selector, policy?.podSelector.matchLabels]) {
      expect(Object.values(selector ?? {})).toContain('receive');
      expect(labels).toMatchObject(selector ?? {});
    }
  });

  test('what it reads and writes is mounted, and keys of the SIEM only where it delivers', () => {
    for (const file of receive.secret_files) expect(dirname(file)).toBe(mounts.get('webhook-secret'));
    if (receive.tls !== undefined)
      for (const file of Object.values(receive.tls)) expect(dirname(file)).toBe(mounts.get('webhook-tls'));
    expect(mounts.has('credentials')).toBe(isFolder);
    if (config.source.type === 'file') expect(dirname(config.source.path)).toBe(mounts.get('spool'));
  });

  test('the pod that checks it reads the same files', () => {
    // A receiver with a folder has none: it is checked in its own pod.
    const pods = resources.filter(({ kind }) => kind === 'Pod').map(({ spec }) => spec as Pod);
    for (const { containers } of pods) {
      const names = containers[0].volumeMounts.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(['credentials', ...mounts.keys()]));
    }
  });

  test('replicas never share a folder, and with a bucket one always listens', () => {
    const [budget] = of('PodDisruptionBudget') as { maxUnavailable: number }[];
    if (isFolder) {
      expect([deployment.replicas, deployment.strategy.type]).toEqual([1, 'Recreate']);
      expect(budget).toBeUndefined();
    } else {
      expect(deployment.replicas).toBeGreaterThan(1);
      expect(deployment.strategy.rollingUpdate?.maxUnavailable).toBe(0);
      expect(budget?.maxUnavailable).toBe(1);
    }
  });

  test('the pod outlasts its drain and the grace of the program', () => {
    const drain = Number(/(\d+)\)$/.exec(container.lifecycle.preStop.exec.command.at(-1) ?? '')?.[1]);
    expect(drain).toBeGreaterThan(0);
    const grace = deployment.template.spec.terminationGracePeriodSeconds * 1_000;
    expect(grace).toBeGreaterThan(drain + config.pipeline.grace);
  });
});

describe('the unit of systemd', () => {
  const unit = 'stepsecurity-siem-receive.service';
  const config = loadConfig(join(DEPLOY, 'cron/receive.yaml'), [], { CREDENTIALS_DIRECTORY: '/c' });

  test('the program accepts its command line, with the configuration that is here', async () => {
    const [, , ...args] = execStart(unit, {});
    expect(await parsed(args)).toMatchObject({
      config: '/etc/stepsecurity-siem/receive.yaml',
      deliver: true,
    });
  });

  test('it loads every secret that the configuration reads', () => {
    const { secret_files: secrets = [], tls } = config.receive ?? {};
    const read = [
      ...secrets,
      ...Object.values(tls ?? {}),
      'api_key_file' in config.sink && config.sink.api_key_file,
    ];
    expect(credentials(unit).map(({ name }) => `/c/${name}`)).toEqual(read);
  });

  test('its folder holds spool and state', () => {
    const [, folder] = /^StateDirectory=(.+)$/m.exec(text(`cron/${unit}`)) ?? [];
    for (const place of [config.source, config.state])
      expect(place).toMatchObject({ type: 'file', path: expect.stringMatching(`^/var/lib/${folder}/`) });
  });

  test('systemd listens for it, and waits longer than its grace', () => {
    expect(text(`cron/${unit}`)).toContain(`Requires=${unit.replace('.service', '.socket')}\n`);
    const [, stop] = /^TimeoutStopSec=(\d+)$/m.exec(text(`cron/${unit}`)) ?? [];
    expect(Number(stop) * 1_000).toBeGreaterThan(config.pipeline.grace);
  });

  test('its sandbox is the one of the unit for runs', () => {
    const sandbox = (name: string): string => /^ProtectSystem=[^]*/m.exec(text(`cron/${name}`))?.[0] ?? '';
    expect(sandbox(unit)).toBe(sandbox('stepsecurity-siem.service'));
  });
});

describe('compose', () => {
  const { services, secrets, volumes } = parse(text('docker/compose.yaml')) as {
    readonly services: {
      readonly receive: {
        readonly command: readonly string[];
        readonly stop_grace_period: string;
        readonly ports: readonly string[];
        readonly volumes: readonly string[];
        readonly secrets: readonly string[];
        readonly healthcheck: { readonly test: readonly string[] };
      };
    };
    readonly secrets: Readonly<Record<string, unknown>>;
    readonly volumes: Readonly<Record<string, unknown>>;
  };
  const service = services.receive;
  const config = loadConfig(join(DEPLOY, 'docker/receive.yaml'), [], {});

  test('the program accepts its command line, and the configuration is mounted where it reads it', async () => {
    expect(await parsed(service.command)).toMatchObject({ config: CONFIG_FILE, deliver: true });
    expect(service.volumes).toContain(`./receive.yaml:${CONFIG_FILE}:ro`);
  });

  test('every file that it reads is a secret of the service', () => {
    const { secret_files: files = [], tls } = config.receive ?? {};
    const read = [
      ...files,
      ...Object.values(tls ?? {}),
      'api_key_file' in config.sink && config.sink.api_key_file,
    ];
    expect(read).toEqual(service.secrets.map((name) => `/run/secrets/${name}`));
    expect(Object.keys(secrets)).toEqual(service.secrets);
  });

  test('the volume holds spool and state', () => {
    const [name = '', folder] = service.volumes[1]?.split(':') ?? [];
    expect(Object.keys(volumes)).toEqual([name]);
    for (const place of [config.source, config.state])
      expect(place).toMatchObject({ type: 'file', path: expect.stringMatching(`^${folder}/`) });
  });

  test('the ports are those of the configuration, and it may finish before it is killed', () => {
    const { listen = '', status_listen: status = '' } = config.receive ?? {};
    expect(service.ports).toEqual([`443:${portOf(listen)}`]);
    expect(service.healthcheck.test.at(-1)).toContain(`http://${status}/readyz`);
    expect(Number.parseInt(service.stop_grace_period, 10) * 1_000).toBeGreaterThan(config.pipeline.grace);
  });
});
