import { expect, it, test } from '@jest/globals';
import { readContainer } from '../../src/detections/container.ts';
import { parseEndpoint } from '../../src/detections/endpoint.ts';
import { readHttp } from '../../src/detections/http.ts';
import { readImposter } from '../../src/detections/imposter.ts';
import { platformOf, programOf } from '../../src/detections/platform.ts';
import { readProcessEvents, toProcess } from '../../src/detections/process.ts';
import { readRepo } from '../../src/detections/repo.ts';
import { connectionOf } from '../../src/detections/reverse-shell.ts';
import { attemptOf, changeIdOf, runUrlOf } from '../../src/detections/run-link.ts';
import { readTool } from '../../src/detections/tool.ts';
import { DEFAULT_REDACTOR } from '../../src/redaction/redactor.ts';
import { parseTime } from '../../src/text/time.ts';
import { isSteep } from '../cost.ts';
import { sized } from '../full.ts';

/** Each is repeated: characters of every class that a pattern names, and prefixes of what a pattern looks for. */
const UNITS = [
  [
    'a',
    '0',
    '-',
    '.',
    ':',
    '/',
    '@',
    '=',
    '"',
    "'",
    '\\',
    ' ',
    '\n',
    '%',
    '::',
    'a.',
    'a-',
    'a:',
    'a/',
    '-a',
  ],
  [' --a', ' --token', '--token ', 'token=', 'key', '"secret"', '"secret":', '"--token",', '\\n--token '],
  ['eyJ', 'eyJa', 'a.eyJ', 'a://', '://a@', '-----BEGIN ', '-----BEGIN PRIVATE KEY-----', 'ghp_', 'AKIA'],
  [
    'xoxb-',
    'authorization: ',
    'authorization:a ',
    '\\u0041',
    '/dev/tcp/a/',
    'connect((',
    'connect ',
    '"a"',
    '$i=',
    'RHOST=a;',
    'tcp:a',
    ' -e A',
    'PeerAddr=>"',
    '-connect a',
    'connect({a',
    'sockaddr_in(1,',
    'a=b;$a',
    'nc a 1|sh;',
    "'a b'",
    '1/',
    '0.',
    ' m=+1.',
    '-v ',
  ],
].flat();
const AROUND: readonly [string, string][] = [
  ['', ''],
  ['"--a', '!'],
  ['http://', '@'],
  ['-----BEGIN ', ' x'],
  [' --token', '"'],
  ['2020-01-01T00:00:00', '='],
];

const READERS: readonly [string, (text: string) => unknown][] = [
  ['redactText', DEFAULT_REDACTOR.text],
  ['mayHoldSecret', DEFAULT_REDACTOR.mayHold],
  ['raw JSON text', (text) => DEFAULT_REDACTOR.raw(JSON.stringify({ [text]: text }))],
  ['raw text that is not JSON', (text) => DEFAULT_REDACTOR.raw(`{${text}`)],
  ['redactObject', (text) => DEFAULT_REDACTOR.object({ a: `{${text}`, l: ['--token', text, text] })],
  ['endpoint', (text) => parseEndpoint(text, text, [])],
  ['reverse shell', (text) => connectionOf(events({ exe: '/bin/nc', arguments: ['nc', text, '1', text] }))],
  [
    'script of a reverse shell',
    (text) => connectionOf(events({ exe: '/bin/sh', arguments: `socat powershell nc telnet ${text}` })),
  ],
  ['command line', (text) => readProcessEvents([{ exe: 'C:\\a.exe', arguments: [text, `${text} `] }], [])],
  ['platform', (text) => [platformOf(text), programOf(text)]],
  ['container', (text) => readContainer(events({ exe: '/docker', arguments: ['run', `-${text}`, text] }))],
  ['process', (text) => toProcess(events({ exe: text, arguments: [text], timestamp: text, pid: text }))],
  ['http', (text) => readHttp({ method: text, host: text, endpoint: 'a', path: text }, undefined, [])],
  ['http with a whole URL', (text) => readHttp({ path: `https://${text}` }, undefined, [])],
  ['repository', (text) => [readRepo({ owner_repo: text }), readRepo({ owner: text, repo: text })]],
  [
    'link',
    (text) => [
      readRepo({ html_url: `https://${text}/gitlab/`, pr_url: text, workflow_path: text }),
      attemptOf(text),
      changeIdOf(text),
      runUrlOf('x', text),
    ],
  ],
  ['time', (text) => parseTime(text)],
  [
    'action and tool',
    (text) => [
      readImposter({ imposter_commit: { action: text, timestamp: text } }, '', true, []),
      readTool({ name: text, sha256: text }),
    ],
  ],
];

function events(entry: { [key: string]: string | string[] }) {
  const [event] = readProcessEvents([entry], []) ?? [];
  if (event === undefined) throw new Error('no event');
  return event;
}

const SHORT = sized(2 ** 13, 2 ** 11);

function isSlow(
  read: (text: string) => unknown,
  textOf: (length: number) => string,
  short = SHORT,
): Promise<boolean> {
  return isSteep((length) => {
    const text = textOf(length);
    return () => read(text);
  }, short);
}

test.each(READERS)('%s takes time proportional to the length of a text', async (_, read) => {
  const slow: string[] = [];
  for (const unit of UNITS) {
    for (const [before, after] of AROUND) {
      const textOf = (length: number): string => before + unit.repeat(length / unit.length) + after;
      if (await isSlow(read, textOf)) slow.push(before + unit + after);
    }
  }
  expect(slow).toEqual([]);
});

it('finds a pattern that takes quadratic time', async () => {
  expect(
    await isSlow(
      (text) => /a+$/.test(text),
      (length) => `${'a'.repeat(length)}!`,
      2 ** 11,
    ),
  ).toBe(true);
});
