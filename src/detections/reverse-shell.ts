import { type Endpoint, parseEndpoint } from './endpoint.ts';
import type { ProcessEvent } from './process.ts';

const NETCATS = new Set(['nc', 'ncat', 'netcat', 'nc.traditional', 'nc.openbsd']);
const DEV_TCP = /\/dev\/(?:tcp|udp)\/([^/\s'"]+)\/(\d{1,5})\b/;

/**
 * The far end of a reverse shell, derived from its arguments: netcat with a host and a numeric port, or bash's
 * `/dev/tcp/<host>/<port>`. Undefined where the arguments do not say it plainly.
 */
export function reverseShellEndpoint(event: ProcessEvent | undefined): Endpoint | undefined {
  if (event === undefined) return undefined;
  const found = fromDevTcp(event.command_line) ?? fromNetcat(event);
  if (found === undefined) return undefined;
  const bracketed = found.host.includes(':') ? `[${found.host}]` : found.host;
  const endpoint = parseEndpoint(`${bracketed}:${found.port}`, undefined, []);
  return endpoint.address !== undefined && endpoint.port !== undefined ? endpoint : undefined;
}

function fromDevTcp(commandLine: string | undefined): { host: string; port: string } | undefined {
  const match = commandLine === undefined ? null : DEV_TCP.exec(commandLine);
  const [, host, port] = match ?? [];
  return host === undefined || port === undefined ? undefined : { host, port };
}

function fromNetcat(event: ProcessEvent): { host: string; port: string } | undefined {
  const name = event.exe === undefined ? undefined : baseName(event.exe);
  if (name === undefined || !NETCATS.has(name) || event.args === undefined) return undefined;
  // A listener's port follows -p: it says nothing of the far end.
  if (event.args.some((arg) => /^-[a-z]*l|^--listen/.test(arg))) return undefined;
  // The list begins with the program's own name, or it does not.
  const args = NETCATS.has(baseName(event.args[0] ?? '')) ? event.args.slice(1) : event.args;
  for (const [at, host] of args.entries()) {
    const port = args[at + 1];
    if (!host.startsWith('-') && port !== undefined && /^\d{1,5}$/.test(port) && !/^\d+$/.test(host))
      return { host, port };
  }
  return undefined;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
