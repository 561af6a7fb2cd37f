import { programOf } from './platform.ts';
import type { ProcessEvent } from './process.ts';

/** The container that `docker run` or `create` asked for, or that a program ran in. */
export interface Container {
  readonly runtime: string | undefined;
  readonly image_name: string | undefined;
  readonly image_tags: readonly string[] | undefined;
  readonly image_digests: readonly string[] | undefined;
}

const RUNTIMES = new Set(['docker', 'podman', 'nerdctl', 'ctr', 'crictl', 'containerd', 'lxc', 'runc']);
/** Clients that take an image: runc takes the name of a container, crictl takes files. */
const WITH_IMAGES = new Set(['docker', 'podman', 'nerdctl', 'ctr']);
const IMAGE_COMMANDS = new Set(['run', 'create']);
/** What may precede these commands; in any other group, as in `network create`, they take no image. */
const GROUPS = new Set(['container', 'containers']);
/** Flags before the command that take no value. */
const EARLY_SWITCHES = new Set('-D -r --debug --debug-full --remote --syslog --tls --tlsverify'.split(' '));

/** Flags of `docker run` that take no value; every other flag without `=` takes the next argument. */
const SWITCHES = new Set([
  '--detach',
  '--disable-content-trust',
  '--help',
  '--init',
  '--interactive',
  '--no-healthcheck',
  '--oom-kill-disable',
  '--privileged',
  '--publish-all',
  '--quiet',
  '--read-only',
  '--rm',
  '--sig-proxy',
  '--tty',
  '--use-api-socket',
]);
/** One-letter switches run together, and a final letter that takes a value: `-it`, `-itv /x:/y`, `-itv/x:/y`. */
const SHORT = /^-[ditPq]*(?:(?<letter>[a-zA-Z])(?<value>.*))?$/s;
const IMAGE =
  /^(?<name>[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?(?::\d+(?=\/))?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>[a-z0-9]+:[0-9a-f]{32,}))?$/;

/** Programs that run the command that follows them. */
const WRAPPERS = new Set(['sudo', 'doas', 'env', 'nohup', 'timeout', 'nice', 'time']);

/** Whether the process is itself a container client, rather than a wrapper that called one. */
export function isContainerClient({ exe }: ProcessEvent): boolean {
  return exe !== undefined && RUNTIMES.has(programOf(exe));
}

/** Whether it asks for a privileged container. */
export function isPrivileged({ args }: ProcessEvent): boolean {
  return args?.some((arg) => arg === '--privileged' || arg === '--privileged=true') ?? false;
}

/** Undefined if the process is not a container client. The image is left out if the arguments leave any doubt. */
export function readContainer(event: ProcessEvent | undefined): Container | undefined {
  const runtime = event === undefined ? undefined : runtimeOf(event);
  if (event === undefined || runtime === undefined) return undefined;
  const reference = event.args === undefined || !WITH_IMAGES.has(runtime) ? undefined : imageOf(event.args);
  const parts = reference === undefined ? undefined : IMAGE.exec(reference)?.groups;
  return { runtime, ...partsOf(parts) };
}

/** The container a program ran in, if the agent names its image. A bare name could be any program's. */
export function containerOf(image: string | undefined): Container | undefined {
  const parts = image === undefined || !/[/:@]/.test(image) ? undefined : IMAGE.exec(image)?.groups;
  if (parts === undefined) return undefined;
  return { runtime: undefined, ...partsOf(parts) };
}

function partsOf(
  parts: Readonly<Record<string, string | undefined>> | undefined,
): Omit<Container, 'runtime'> {
  return {
    image_name: parts?.name,
    image_tags: parts?.tag === undefined ? undefined : [parts.tag],
    image_digests: parts?.digest === undefined ? undefined : [parts.digest],
  };
}

function runtimeOf({ exe, args }: ProcessEvent): string | undefined {
  if (exe === undefined) return undefined;
  const program = programOf(exe);
  if (RUNTIMES.has(program)) return program;
  if (!WRAPPERS.has(program)) return undefined;
  return args?.map(programOf).find((one) => RUNTIMES.has(one));
}

/**
 * The position of `run` or `create` where it is the command, not an argument of another, as in `exec … run` and
 * `compose run`.
 */
function commandAt(args: readonly string[]): number | undefined {
  for (let at = args.findIndex((arg) => RUNTIMES.has(programOf(arg))) + 1; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (IMAGE_COMMANDS.has(arg)) return at;
    if (arg.startsWith('-')) at += arg.includes('=') || EARLY_SWITCHES.has(arg) ? 0 : 1;
    else if (!GROUPS.has(arg) && !RUNTIMES.has(programOf(arg))) return undefined;
  }
  return undefined;
}

function imageOf(args: readonly string[]): string | undefined {
  const start = commandAt(args);
  if (start === undefined) return undefined;
  for (let at = start + 1; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '--') return args[at + 1];
    if (!arg.startsWith('-')) return arg;
    if (arg.includes('=') || SWITCHES.has(arg)) continue;
    const short = arg.startsWith('--') ? undefined : SHORT.exec(arg)?.groups;
    if (short !== undefined && (short.letter === undefined || short.value !== '')) continue;
    at += 1;
  }
  return undefined;
}
