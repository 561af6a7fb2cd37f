import { TOKENS } from '../../detections/harness.ts';
import { detectionOf, type Family, lines, pick, type Random, times, upTo, withRaw } from './family.ts';

const NUMBERS = [
  '1e400',
  '-1e400',
  '1E-400',
  '-0',
  '-0.0',
  '0e999',
  '9007199254740993',
  '123456789012345678901234567890',
  '0.1000000000000000055511151231257827021181',
  '1e99999999999999999999',
  '5e-324',
];
const NOT_NUMBERS = ['NaN', 'Infinity', '01', '+1', '.5', '1.', '0x1F', '1e', '--1'];

const TIMES = [
  '0',
  '-1',
  '1753203994.5',
  '99999999999999999999',
  '2026-13-45T99:99:99Z',
  '2026-01-01T00:00:00.123456789+25:00',
  '0000-00-00',
  '+275760-09-13T00:00:00.000Z',
  'yesterday',
  '1e9',
  '\u0661\u0667\u0665\u0663',
];
const EVENT_IDS = [
  'unknown',
  'null',
  '',
  ' ',
  '-',
  'N/A',
  '\u0000',
  '../../x',
  'x'.repeat(600),
  '\ud800',
  'é'.repeat(100),
];

const FOREIGN = [
  '{"Records":[{"eventVersion":"1.08","eventName":"PutObject"}]}',
  'time,host,message',
  '<134>1 2026-01-01T00:00:00Z host app - - - text',
  '<?xml version="1.0"?><a/>',
  '127.0.0.1 - - [01/Jan/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 1',
  'null',
  'true',
  '"a text"',
  '12',
  '{}',
];

/** Invalid UTF-8: stray bytes, truncated sequences, surrogates, overlong forms, beyond the last code point. */
const BAD_UTF8 = [
  [0x80],
  [0xff],
  [0xc3],
  [0xe2, 0x82],
  [0xed, 0xa0, 0x80],
  [0xc0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
];

/** Every text that a reader interprets. */
const FIELDS = [
  'name',
  'event_id',
  'owner',
  'repo',
  'owner_repo',
  'run_id',
  'run_attempt',
  'timestamp',
  'html_url',
  'endpoint',
  'host',
  'method',
  'path',
  'file',
  'detection',
  'direct_ip_address',
  'workflow_path',
  'secret',
  'is_suppressed',
  'note',
];

/** Repeated texts that patterns and parsers may scan again and again. */
const REPEATED = [
  'a',
  ' ',
  '/',
  '../',
  '.',
  ':',
  ':0',
  '-',
  '_',
  '=',
  '@',
  'a@',
  'a:',
  '[',
  '%',
  '%41',
  '\\',
  '"',
  '0',
  '9.',
  'T0',
  '\u0000',
  '\n',
  '\u2028',
  '\ud800',
  '\u00e9',
  'https://',
  'https://a:',
  '?a=b&',
  'eyJ',
  'eyJa.',
  'Bearer ',
  '-----BEGIN ',
  'token=',
  '--password ',
  ...Object.values(TOKENS).map((token) => token.slice(0, 4)),
  ...Object.values(TOKENS),
];

const inText = (random: Random, length: number, bytes: readonly (readonly number[])[]): Buffer =>
  Buffer.from(times(length, () => [0x78, ...pick(random, bytes)]).flat());

const withBytes = (nth: number, value: Buffer): Buffer => {
  const [before = '', after = ''] = withRaw(nth, '"note":"HERE"').split('HERE');
  return Buffer.concat([Buffer.from(before), value, Buffer.from(after)]);
};

/** A record in which every known text is `text`. */
const filledWith = (nth: number, text: string): object => ({
  ...detectionOf(nth, Object.fromEntries(FIELDS.map((field) => [field, text]))),
  process_events: [
    { pid: text, exe: text, arguments: [text, text], timestamp: text, working_directory: text },
  ],
  imposter_commit: { action: text, tag: text, sha: text, timestamp: text },
  tool: { name: text, sha256: text, parent: text },
});

export const TEXT_FAMILIES: readonly Family[] = [
  {
    name: 'numbers: that do not fit a double',
    medium: 500,
    make: (size, random) =>
      Buffer.from(
        times(size, (nth) =>
          withRaw(nth, `"pid":${pick(random, NUMBERS)},"run_attempt":${pick(random, NUMBERS)}`),
        ).join(''),
      ),
  },
  {
    name: 'numbers: that are not valid',
    medium: 2_000,
    make: (size, random) =>
      Buffer.from(times(size, (nth) => withRaw(nth, `"pid":${pick(random, NOT_NUMBERS)}`)).join('')),
  },
  {
    name: 'numbers: of any length',
    medium: 50_000,
    make: (size) =>
      Buffer.from(
        [
          `1${'0'.repeat(size)}`,
          `0.${'0'.repeat(size)}1`,
          `${'9'.repeat(size)}e-5`,
          `[${'1e400,'.repeat(size / 10)}1]`,
        ]
          .map((number, nth) => withRaw(nth, `"line_number":${number}`))
          .join(''),
      ),
  },
  {
    name: 'texts: long ones',
    medium: 100_000,
    make: (size) =>
      lines(
        times(5, (nth) => detectionOf(nth, { note: 'x'.repeat(size), detection: '\u20ac'.repeat(size / 5) })),
      ),
  },
  {
    name: 'texts: invalid UTF-8',
    medium: 300,
    make: (size, random) => Buffer.concat(times(size, (nth) => withBytes(nth, inText(random, 50, BAD_UTF8)))),
  },
  {
    name: 'texts: lone surrogates, NUL and control characters, escaped',
    medium: 300,
    make: (size, random) =>
      Buffer.from(
        times(size, (nth) =>
          withRaw(
            nth,
            `"note":"${times(40, () => `\\u${pick(random, ['d800', 'dfff', '0000', '0008', '001b', '007f', '2029', 'ffff'])}`).join('')}"`,
          ),
        ).join(''),
      ),
  },
  {
    name: 'texts: unescaped NUL and control characters',
    medium: 2_000,
    make: (size, random) =>
      Buffer.concat(times(size, (nth) => withBytes(nth, Buffer.from([upTo(random, 32)])))),
  },
  {
    name: 'texts: a byte order mark before each',
    medium: 1_000,
    make: (size) => Buffer.from(times(size, (nth) => `\ufeff${JSON.stringify(detectionOf(nth))}\n`).join('')),
  },
  {
    name: 'texts: line endings of every kind',
    medium: 1_000,
    make: (size, random) =>
      Buffer.from(
        times(
          size,
          (nth) =>
            `${JSON.stringify(detectionOf(nth))}${pick(random, ['\n', '\r\n', '\r', '\n\r', '\n\n', ' '])}`,
        ).join(''),
      ),
  },
  {
    name: 'texts: lines of something else',
    medium: 10_000,
    make: (size, random) => Buffer.from(times(size, () => `${pick(random, FOREIGN)}\n`).join('')),
  },
  {
    name: 'texts: records that break off',
    medium: 2_000,
    make: (size, random) =>
      Buffer.from(
        times(size, (nth) => {
          const text = JSON.stringify(detectionOf(nth));
          return `${text.slice(0, 1 + upTo(random, text.length))}\n`;
        }).join(''),
      ),
  },
  {
    name: 'texts: noise',
    medium: 50_000,
    make: (size, random) => Buffer.from(times(size, () => upTo(random, 256))),
  },
  {
    name: 'fields: odd times and ids',
    medium: 500,
    make: (size, random) =>
      lines(
        times(size, (nth) =>
          detectionOf(nth, {
            timestamp: pick(random, TIMES),
            event_id: pick(random, EVENT_IDS),
            ...(nth % 9 === 0 && { name: null }),
          }),
        ),
      ),
  },
  {
    name: 'fields: long and repetitive',
    medium: 200,
    make: (size) =>
      lines(REPEATED.map((part, nth) => filledWith(nth, part.repeat(Math.ceil(size / part.length))))),
  },
];
