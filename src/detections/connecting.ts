import type { FarEnd, Transport } from './authority.ts';

const QUOTE = `\\\\?["']`;
const HOST = '([A-Za-z0-9_.:-]{1,253})';
/** Without a colon, which separates the port. */
const NAME = '([A-Za-z0-9_.-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}\\])';
const PORT = '(\\d{1,5})(?!\\d)';
const GAP = '\\s{0,8}';
/** Quoted text, a number, or the name of a variable. */
const VALUE = `(?:int\\(|str\\()?(?:${QUOTE}${HOST}${QUOTE}|(\\$?\\w{1,253}))\\)?`;

/** Functions of Python, PHP, Ruby, PowerShell, Node, Java and Lua that take a host and a port, in either order. */
const CALL = new RegExp(
  `(?:socket_connect${GAP}\\(${GAP}\\$\\w{1,40}${GAP},|(?:connect(?:ion)?|fsockopen|TCPSocket\\.(?:new|open)|Socket\\.tcp|TcpClient(?:\\]::new)?|Socket)${GAP}\\({1,3})${GAP}${VALUE}${GAP},${GAP}${VALUE}`,
  'gi',
);
/** Perl and Ruby: `sockaddr_in(1, inet_aton("h"))`. */
const ADDRESS = new RegExp(
  `sockaddr_in6?${GAP}\\(${GAP}${VALUE}${GAP},${GAP}(?:inet_\\w{1,8}${GAP}\\(${GAP}(?:AF_INET6?${GAP},${GAP})?)?${VALUE}`,
  'gi',
);
/** Node, Deno, Perl: `net.connect({ host: "h", port: 1 })`, `INET->new(PeerPort => 1, PeerHost => "h")`. */
const NAMED = new RegExp(`(?:connect(?:ion)?|INET6?(?:->new)?|IP->new)${GAP}[({]{1,3}([^(){}]{1,400})`, 'gi');
const NAMED_HOST = new RegExp(
  `\\b(?:host(?:name)?|Peer(?:Host|Addr))(?:${QUOTE})?${GAP}(?::|=>|,)${GAP}${VALUE}`,
  'i',
);
const NAMED_PORT = new RegExp(`\\b(?:Peer)?port(?:${QUOTE})?${GAP}(?::|=>|,)${GAP}${VALUE}`, 'i');

/** How other libraries name the host and the port, in this order. */
const HOST_THEN_PORT = [
  // Perl: `PeerAddr => "h:1"`.
  `Peer(?:Addr|Host)(?:${QUOTE})?${GAP}(?:=>|,)${GAP}${QUOTE}${NAME}:${PORT}`,
  // PHP: `stream_socket_client("tcp://h:1")`. Go: `net.Dial("tcp","h:1")`. OpenSSL: `s_client -connect h:1`.
  `stream_socket_client${GAP}\\(${GAP}${QUOTE}[a-z0-9.]{2,8}://${NAME}:${PORT}`,
  `net\\.Dial${GAP}\\(${GAP}${QUOTE}[a-z0-9]{2,5}${QUOTE}${GAP},${GAP}${QUOTE}${NAME}:${PORT}`,
  `-connect\\s{1,8}${NAME}:${PORT}`,
  // Variables of the scripts that are passed around: `$i="h";$p=1;` and `RHOST=h; RPORT=1`.
  `(?:\\$(?:i|ip|h|host|addr|address)|\\b[RL]HOST)${GAP}=${GAP}(?:${QUOTE})?${HOST}(?:${QUOTE})?[;,\\s]{1,8}(?:export\\s{1,8})?(?:\\$(?:p|port)|[RL]PORT)${GAP}=${GAP}(?:${QUOTE})?${PORT}`,
].map((pattern) => new RegExp(pattern, 'gi'));

const ASSIGNMENT = new RegExp(
  `\\$?\\b(\\w{1,40})${GAP}=${GAP}(?:${QUOTE}${HOST}${QUOTE}|(\\d{1,5})(?![\\w.]))`,
  'g',
);

/** Bash's `/dev/tcp/h/1`, and awk's `/inet/tcp/0/h/1`. */
const DEVICE = /\/(?:dev\/|inet[46]?\/)(tcp|udp)\/(?:0\/)?([^/\s'"]{1,253})\/(\d{1,5})\b/g;
/** Socat addresses that connect: `TCP:h:1`, `openssl-connect:h:1`; not `TCP-LISTEN:1`. */
const SOCAT = new RegExp(`\\b(tcp|udp|openssl|ssl)[46]?(?:-connect)?:${NAME}:${PORT}`, 'gi');
/** For curl: `telnet://h:1`. */
const TELNET = new RegExp(`\\btelnet://${NAME}:${PORT}`, 'gi');

/** Every pattern contains one of these words; most scripts contain none and are skipped. */
const HINT = /tcp|udp|socat|telnet|connect|sock|inet|peer|dial|(?:\bhost|[lr]host|\$\w{1,40})\s{0,8}=/i;

/** Where a script connects to, and the position of the call in it. */
export interface CallPlace {
  readonly at: number;
  readonly farEnd: FarEnd;
}

/** All far ends that a script names plainly, in order. `variables` are passed in; the script may set more. */
export function placesOf(script: string, variables: ReadonlyMap<string, string> = NO_VARIABLES): CallPlace[] {
  const places: CallPlace[] = [];
  if (!HINT.test(script)) return places;
  const add = (at: number, host: string | undefined, port: string | undefined, by?: string): void => {
    if (host === undefined || port === undefined || !/^\d{1,5}$/.test(port) || /^\d+$/.test(host)) return;
    places.push({
      at,
      farEnd: {
        host: host.replace(/^\[|\]$/g, ''),
        port,
        transport: by === undefined ? undefined : transportOf(by),
      },
    });
  };
  for (const { index, 1: by, 2: host, 3: port } of script.matchAll(DEVICE)) add(index, host, port, by);
  if (/socat/i.test(script))
    for (const { index, 1: by, 2: host, 3: port } of script.matchAll(SOCAT)) add(index, host, port, by);
  for (const { index, 1: host, 2: port } of script.matchAll(TELNET)) add(index, host, port, 'tcp');
  for (const pattern of HOST_THEN_PORT)
    for (const { index, 1: host, 2: port } of script.matchAll(pattern)) add(index, host, port);

  const known = new Map(variables);
  for (const { 1: name = '', 2: text, 3: number } of script.matchAll(ASSIGNMENT))
    known.set(name, text ?? number ?? '');
  const valueOf = (text: string | undefined, name: string | undefined): string | undefined =>
    text ?? (name === undefined || /^\d/.test(name) ? name : known.get(name.replace('$', '')));
  const addTwo = (at: number, one: string | undefined, other: string | undefined): void =>
    /^\d+$/.test(one ?? '') ? add(at, other, one) : add(at, one, other);
  for (const pattern of [CALL, ADDRESS])
    for (const { index, 1: text, 2: name, 3: text2, 4: name2 } of script.matchAll(pattern))
      addTwo(index, valueOf(text, name), valueOf(text2, name2));
  for (const { index, 1: named = '' } of script.matchAll(NAMED)) {
    const [, host, hostName] = NAMED_HOST.exec(named) ?? [];
    const [, port, portName] = NAMED_PORT.exec(named) ?? [];
    add(index, valueOf(host, hostName), valueOf(port, portName));
  }
  return places.sort((one, other) => one.at - other.at);
}

const NO_VARIABLES: ReadonlyMap<string, string> = new Map();

/** The far end that a redirection leads to. */
export function deviceOf(target: string): FarEnd | undefined {
  const [, by = '', host, port] = /^\/dev\/(tcp|udp)\/([^/\s]{1,253})\/(\d{1,5})$/.exec(target) ?? [];
  return host === undefined || port === undefined ? undefined : { host, port, transport: transportOf(by) };
}

/** TLS runs over TCP. */
function transportOf(name: string): Transport {
  return name.toLowerCase() === 'udp' ? 'udp' : 'tcp';
}
