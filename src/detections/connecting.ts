import type { FarEnd, Transport } from './authority.ts';

const QUOTE = `\\\\?["']`;
const HOST = '([A-Za-z0-9_.:-]{1,253})';
/** Without a colon, which is before the port. */
const NAME = '([A-Za-z0-9_.-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}\\])';
const PORT = '(\\d{1,5})(?!\\d)';
const COMMA = `\\s*,\\s*(?:${QUOTE})?`;

/** How programs and languages name the host and the port they connect to, in this order. */
const HOST_THEN_PORT = [
  // Python, PHP, Ruby, PowerShell, Java, Lua: `s.connect(("h",1))`, `fsockopen("h",1)`, `New-Object …TCPClient("h",1)`.
  `(?:connect|create_connection|fsockopen|TCPSocket\\.(?:new|open)|Socket\\.tcp|TcpClient(?:\\]::new)?|Socket)\\s*\\(+\\s*${QUOTE}${HOST}${QUOTE}${COMMA}${PORT}`,
  // Perl: `PeerAddr => "h:1"` and `PeerHost => "h", PeerPort => 1`.
  `Peer(?:Addr|Host)${QUOTE}?\\s*(?:=>|,)\\s*${QUOTE}${NAME}:${PORT}`,
  `Peer(?:Addr|Host)\\s*(?:=>|,)\\s*${QUOTE}${HOST}${QUOTE}\\s*,\\s*PeerPort\\s*(?:=>|,)\\s*(?:${QUOTE})?${PORT}`,
  // PHP: `stream_socket_client("tcp://h:1")`. Go: `net.Dial("tcp","h:1")`. OpenSSL: `s_client -connect h:1`.
  `stream_socket_client\\s*\\(\\s*${QUOTE}[a-z0-9.]{2,8}://${NAME}:${PORT}`,
  `net\\.Dial\\s*\\(\\s*${QUOTE}[a-z0-9]{2,5}${QUOTE}\\s*,\\s*${QUOTE}${NAME}:${PORT}`,
  `-connect\\s+${NAME}:${PORT}`,
  // Variables of the scripts that are passed around: `$i="h";$p=1;` and `RHOST=h; RPORT=1`.
  `(?:\\$(?:i|ip|h|host|addr|address)|\\b[RL]HOST)\\s*=\\s*(?:${QUOTE})?${HOST}(?:${QUOTE})?[;,\\s]+(?:export\\s+)?(?:\\$(?:p|port)|[RL]PORT)\\s*=\\s*(?:${QUOTE})?${PORT}`,
].map((pattern) => new RegExp(pattern, 'i'));

/** Node: `net.connect(1, "h")`. */
const PORT_THEN_HOST = new RegExp(`connect(?:ion)?\\s*\\(\\s*${PORT}\\s*,\\s*${QUOTE}${HOST}${QUOTE}`, 'i');

/** Bash's `/dev/tcp/h/1`, and awk's `/inet/tcp/0/h/1`. */
const DEVICE = /\/(?:dev\/|inet[46]?\/)(tcp|udp)\/(?:0\/)?([^/\s'"]{1,253})\/(\d{1,5})\b/;
/** Addresses of socat that connect: `TCP:h:1`, `openssl-connect:h:1`; `TCP-LISTEN:1` is none. */
const SOCAT = new RegExp(`\\b(tcp|udp|openssl|ssl)[46]?(?:-connect)?:${NAME}:${PORT}`, 'i');

/** The far end that a script names plainly. */
export function fromScript(script: string): FarEnd | undefined {
  const device = DEVICE.exec(script);
  if (device !== null) return farEnd(device[2], device[3], transportOf(device[1]));
  const socat = /socat/i.test(script) ? SOCAT.exec(script) : null;
  if (socat !== null) return farEnd(socat[2], socat[3], transportOf(socat[1]));
  for (const pattern of HOST_THEN_PORT) {
    const [, host, port] = pattern.exec(script) ?? [];
    if (host !== undefined) return farEnd(host, port);
  }
  const [, port, host] = PORT_THEN_HOST.exec(script) ?? [];
  return farEnd(host, port);
}

function farEnd(
  host: string | undefined,
  port: string | undefined,
  transport?: Transport,
): FarEnd | undefined {
  if (host === undefined || port === undefined) return undefined;
  return { host: host.replace(/^\[|\]$/g, ''), port, transport };
}

/** TLS is on TCP. */
function transportOf(name: string | undefined): Transport {
  return name?.toLowerCase() === 'udp' ? 'udp' : 'tcp';
}
