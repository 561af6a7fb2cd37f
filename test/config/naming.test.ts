import { describe, expect, it, test } from '@jest/globals';
import { parseDuration } from '../../src/options/duration.ts';
import { CONFIG, type Node, type Option, walk } from './options-of.ts';

/** The rules of docs/configuration.md, "How options are named", each expressed as what breaks it. */

const NAME = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;
const TIME = /(?:^|_)(?:timeout|interval|delay|elapsed|ttl|grace|lateness|wait)$/;
/** What a number counts. */
const UNIT = /(?:_(?:bytes|records|rows|runs|per_second|per_run)|(?:^|_)concurrency|^expansion)$/;
const ADDRESS = /^(?:urls?|[a-z]+_url|endpoint)$/;
const NEGATIVE = /^(?:no|not|non|without|skip|disable|disabled|ignore|insecure)(?:_|$)/;
const OTHER_WORDS =
  /(?:in_flight|parallel|workers|threads|_size|_limit|_count|_secs|_seconds|_ms|_every|_poll)$/;
const SECRET = /(?:^|_)(?:token|password|secret|api_key)$/;
/** Words that their component explains. */
const OWN = new Set([
  'type',
  'url',
  'path',
  'bucket',
  'concurrency',
  'listen',
  'kinds',
  'owners',
  'api_key',
  'api_key_file',
  // Splunk's own name for one of its metadata fields, which is also the name of our section.
  'source',
]);
const SENDS = ['url', 'urls', 'cloud_id', 'endpoint'];

type Rule = (option: Option) => boolean;

const isDuration = ({ node }: Option): boolean =>
  typeof node.default === 'string' && parseDuration(node.default) !== undefined;
const isNumber = ({ node }: Option): boolean => node.type === 'integer' || node.type === 'number';
const isAddress = ({ node }: Option): boolean => node.format === 'uri' || node.items?.format === 'uri';

/** True for an option that breaks the rule. */
const RULES: Readonly<Record<string, Rule>> = {
  'a name is lower_snake_case': ({ key }) => !NAME.test(key),
  'our own values are lower_snake_case': ({ node }) =>
    [...(node.enum ?? []), ...(node.const === undefined ? [] : [node.const])].some(
      (value) => !NAME.test(String(value)),
    ),
  'a time is text with a unit, and its name says that it is a time': (option) =>
    isDuration(option) !== TIME.test(option.key) ||
    (isNumber(option) && /\b(?:milli)?seconds?\b/i.test(option.node.description ?? '')),
  'a number says what it counts': (option) => isNumber(option) && !UNIT.test(option.key),
  'a number of bytes is an integer': ({ key, node }) => key.endsWith('_bytes') && node.type !== 'integer',
  'a size is a maximum anyway, so only a rate or a wait starts with max_': ({ key }) =>
    key.startsWith('max_') && !/_per_(?:second|run)$|^max_(?:delay|elapsed)$/.test(key),
  'an address is called url, and only an AWS address is called endpoint': (option) =>
    isAddress(option) !== ADDRESS.test(option.key) ||
    (option.key === 'endpoint' && !option.siblings.includes('region')),
  'a switch says what happens when it is on': ({ key }) => NEGATIVE.test(key),
  'one word for one thing': ({ key }) => OTHER_WORDS.test(key),
  'a secret can come from a file': ({ key, siblings }) =>
    SECRET.test(key) && !siblings.includes(`${key}_file`),
  'compression is gzip or none': ({ key, node }) =>
    /gzip|compress/.test(key) && (key !== 'compression' || node.enum?.join() !== 'gzip,none'),
  'a component that sends requests has options for a timeout and a CA': ({ key, siblings }) =>
    SENDS.includes(key) &&
    !(siblings.includes('ca_file') && ['request_timeout', 'timeout'].some((word) => siblings.includes(word))),
  'a component that sends documents can limit and compress its requests': ({ key, siblings }) =>
    key === 'request_bytes' && !siblings.includes('compression'),
  'an option is described': ({ node }) => (node.description ?? '').length < 10,
};

const all = [...walk(CONFIG, '')];
const broken = (rule: Rule, options: readonly Option[]): string[] =>
  options.filter(rule).map(({ path }) => path);

test.each(Object.entries(RULES))('%s', (_, rule) => {
  expect(broken(rule, all)).toEqual([]);
});

describe('a word used by several components', () => {
  const named = (word: string): Option[] => all.filter(({ key }) => key === word);
  const words = [...new Set(all.map(({ key }) => key))];
  const shared = words.filter((word) => named(word).length > 1 && !OWN.has(word));

  it('is found', () => {
    for (const word of ['ca_file', 'request_timeout', 'compression', 'region', 'endpoint'])
      expect(shared).toContain(word);
  });

  test.each(shared)('%s means the same everywhere', (word) => {
    const meanings = named(word).map(({ node }) => {
      // Sinks may have different defaults, since their servers accept different sizes.
      const { default: standard, description = '', ...shape } = node;
      return JSON.stringify([
        shape,
        word === 'request_bytes' ? description.split(';')[0] : [description, standard],
      ]);
    });
    expect([...new Set(meanings)]).toHaveLength(1);
  });
});

describe('a violation is found', () => {
  const described = 'What it is for, in words.';
  test.each<[string, string, Node]>([
    ['a name is lower_snake_case', 'apiKey', { type: 'string' }],
    ['our own values are lower_snake_case', 'mode', { enum: ['BestFit'] }],
    [
      'a time is text with a unit, and its name says that it is a time',
      'request_timeout',
      { type: 'number', default: 60 },
    ],
    [
      'a time is text with a unit, and its name says that it is a time',
      'pause',
      { type: 'string', default: '60s' },
    ],
    [
      'a time is text with a unit, and its name says that it is a time',
      'max_per_run',
      { type: 'number', description: 'Seconds.' },
    ],
    ['a number says what it counts', 'page', { type: 'integer' }],
    ['a number of bytes is an integer', 'batch_bytes', { type: 'string' }],
    [
      'a size is a maximum anyway, so only a rate or a wait starts with max_',
      'max_batch_bytes',
      { type: 'integer' },
    ],
    [
      'an address is called url, and only an AWS address is called endpoint',
      'nodes',
      { type: 'array', items: { format: 'uri' } },
    ],
    [
      'an address is called url, and only an AWS address is called endpoint',
      'endpoint',
      { type: 'string', format: 'uri' },
    ],
    ['a switch says what happens when it is on', 'disable_retry', { type: 'boolean' }],
    ['one word for one thing', 'max_in_flight', { type: 'integer' }],
    ['a secret can come from a file', 'hec_token', { type: 'string' }],
    ['compression is gzip or none', 'gzip', { type: 'boolean' }],
    ['compression is gzip or none', 'compression', { type: 'boolean' }],
    [
      'a component that sends requests has options for a timeout and a CA',
      'url',
      { type: 'string', format: 'uri' },
    ],
    [
      'a component that sends documents can limit and compress its requests',
      'request_bytes',
      { type: 'integer' },
    ],
  ])('%s: %s', (rule, key, node) => {
    const options = [...walk({ properties: { [key]: { description: described, ...node } } }, '')];
    expect(broken(RULES[rule] ?? (() => false), options)).toEqual([key]);
  });
});
