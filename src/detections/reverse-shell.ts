import type { FarEnd } from './authority.ts';
import { fromScript } from './connecting.ts';
import { type Endpoint, parseEndpoint } from './endpoint.ts';
import { fromNetcat } from './netcat.ts';
import type { ProcessEvent } from './process.ts';
import { cutText, LONGEST_TEXT } from './short-texts.ts';

/** PowerShell takes a script as base64 of UTF-16, behind any beginning of `-EncodedCommand`. */
const ENCODED = /[-/]e(?:c|n[a-z]{0,13})?\s+["']?([A-Za-z0-9+/]{16,}={0,2})/i;

/**
 * The far end of a reverse shell, derived from its arguments: netcat with a host and a numeric port, bash's
 * `/dev/tcp/<host>/<port>`, socat, or what scripts of Python, Perl, PHP, Ruby, Node and PowerShell connect to. Undefined
 * where the arguments do not say it plainly.
 */
export function reverseShellEndpoint(event: ProcessEvent | undefined): Endpoint | undefined {
  const line = event?.args?.join(' ') ?? event?.command_line;
  if (event === undefined || line === undefined) return undefined;
  const script = cutText(line, LONGEST_TEXT);
  const found = fromNetcat(event.args, script) ?? fromScript(script) ?? fromEncoded(script);
  if (found === undefined) return undefined;
  const bracketed = found.host.includes(':') ? `[${found.host}]` : found.host;
  const endpoint = parseEndpoint(`${bracketed}:${found.port}`, undefined, []);
  if (endpoint.address === undefined || endpoint.port === undefined) return undefined;
  return { ...endpoint, transport: found.transport };
}

function fromEncoded(script: string): FarEnd | undefined {
  const encoded = /powershell|pwsh/i.test(script) ? ENCODED.exec(script)?.[1] : undefined;
  return encoded === undefined ? undefined : fromScript(Buffer.from(encoded, 'base64').toString('utf16le'));
}
