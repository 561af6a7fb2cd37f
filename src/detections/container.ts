import type { ProcessEvent } from './process.ts';

/** The container a `docker run` or `create` was asked for. */
export interface Container {
  readonly runtime: string | undefined;
  readonly image_name: string | undefined;
  readonly image_tags: readonly string[] | undefined;
  readonly image_digests: readonly string[] | undefined;
}

const RUNTIMES = new Set(['docker', 'podman', 'nerdctl', 'ctr', 'crictl', 'containerd', 'lxc', 'runc']);
const IMAGE_COMMANDS = new Set(['run', 'create']);

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
/** One-letter switches, run together, and the letter behind them that takes a value: `-it`, `-itv /x:/y`, `-itv/x:/y`. */
const SHORT = /^-[ditPq]*(?:(?<letter>[a-zA-Z])(?<value>.*))?$/s;
const IMAGE =
  /^(?<name>[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?(?::\d+)?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>[a-z0-9]+:[0-9a-f]{32,}))?$/;

/** Undefined when the process is no container client. The image is left out whenever the arguments leave a doubt. */
export function readContainer(event: ProcessEvent | undefined): Container | undefined {
  const runtime = event?.exe?.slice(event.exe.lastIndexOf('/') + 1);
  if (event === undefined || runtime === undefined || !RUNTIMES.has(runtime)) return undefined;
  const reference = event.args === undefined ? undefined : imageOf(event.args);
  const parts = reference === undefined ? undefined : IMAGE.exec(reference)?.groups;
  return {
    runtime,
    image_name: parts?.name,
    image_tags: parts?.tag === undefined ? undefined : [parts.tag],
    image_digests: parts?.digest === undefined ? undefined : [parts.digest],
  };
}

function imageOf(args: readonly string[]): string | undefined {
  const start = args.findIndex((arg) => IMAGE_COMMANDS.has(arg));
  if (start < 0) return undefined;
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
