import { describe, expect, it, test } from '@jest/globals';
import { compileSearch } from './spl/condition.ts';
import { compileExpression } from './spl/expression.ts';
import type { Indexed } from './spl/fields.ts';
import { expandMacros } from './spl/macros.ts';
import { pipeline } from './spl/pipeline.ts';
import { runPostProcess, runSearch } from './spl/run.ts';
import { formatTime, timeOf } from './spl/time.ts';
import type { Row } from './spl/values.ts';

/** Tests the interpreter that the other tests of the add-on rely on, against Splunk's documentation. */

const ROW: Row = { a: 'One', n: '10', list: ['x', 'y'], 'b.c': 'dotted', wild: 'octo/cat' };

test.each<[string, boolean]>([
  ['a=one', true],
  ['a!=one', false],
  ['missing!=one', false],
  ['NOT missing=one', true],
  ['wild="octo/*"', true],
  ['missing="*"', false],
  ['list=y', true],
  ['list!=y', true],
  ['n>9', true],
  ['n>=10 n<11', true],
  ['a IN (two, one)', true],
  // OR binds tighter than AND, and NOT tightest.
  ['a=one OR a=two n=11', false],
  ['n=11 (a=one OR a=two)', false],
  ['NOT a=two OR n=11', true],
  ['b.c=dotted', true],
  ['a="o\\"ne"', false],
])('search %s: %s', (search, holds) => {
  expect(compileSearch(search)(ROW)).toBe(holds);
});

test.each<[string, unknown]>([
  ['n=10', true],
  ['n>9', true],
  ['a="one"', false],
  ['missing="x"', undefined],
  ['NOT missing="x"', undefined],
  ['missing="x" OR n=10', true],
  ['missing="x" AND n=11', false],
  // In an expression AND binds tighter.
  ['n=10 OR n=11 AND a="x"', true],
  ['a.b', undefined],
  ["a.'b.c'", 'Onedotted'],
  ['1+2*3', 7],
  ['(1+2)*3', 9],
  ['n/0', undefined],
  ['if(missing="x", 1, 2)', 2],
  ['case(missing="x", 1, n=10, "ten", true(), 3)', 'ten'],
  ['case(n=11, 1)', undefined],
  ['coalesce(missing, n)', '10'],
  ['isnull(missing) AND isnotnull(n)', true],
  ['substr("abcdef", 2, 3)', 'bcd'],
  ['substr("abcdef", -2)', 'ef'],
  ['len(wild)', 8],
  ['match(wild, "^octo/")', true],
  ['match(missing, "^octo/")', undefined],
  ['mvfind(list, "^y$")', 1],
  ['mvfind(missing, "y")', undefined],
  ['mvcount(list)', 2],
  ['mvjoin(list, "-")', 'x-y'],
  ['mvindex(split("p q", " "), 1)', 'q'],
  ['mvzip(list, list, "=")', ['x=x', 'y=y']],
  ['round(1.25, 1)', 1.3],
  ['strftime(0, "%F %T")', '1970-01-01 00:00:00'],
  ['now() - 60', 40],
  ['relative_time(now(), "-1m")', 40],
])('eval %s', (expression, value) => {
  expect(compileExpression(expression)(ROW, 100)).toEqual(value);
});

test.each(['unknown(a)', 'a=', 'a="x" b', 'if(a)'])('eval %s is refused', (expression) => {
  expect(() => compileExpression(expression)).toThrow();
});

const ROWS: Row[] = [
  { _time: 30, k: 'a', v: '2', tags: ['p', 'q'] },
  { _time: 20, k: 'b', v: '10' },
  { _time: 10, k: 'a', v: '1' },
  { _time: 5, v: '7' },
];
const DAY = { now: 100, earliest: '0', latest: 'now' };

test.each<[string, Row[]]>([
  ['stats count', [{ count: 4 }]],
  [
    'stats count BY k',
    [
      { k: 'a', count: 2 },
      { k: 'b', count: 1 },
    ],
  ],
  ['stats sum(v) AS s max(v) AS m min(v) AS n dc(k) AS d', [{ s: 20, m: 10, n: 1, d: 2 }]],
  [
    'stats count(eval(v>5)) AS many latest(v) AS last earliest(v) AS first',
    [{ many: 2, last: '2', first: '7' }],
  ],
  ['stats values(k) AS k', [{ k: ['a', 'b'] }]],
  [
    'stats count BY tags',
    [
      { tags: 'p', count: 1 },
      { tags: 'q', count: 1 },
    ],
  ],
  ['search k=c | stats count', [{ count: 0 }]],
  ['search k=c | stats sum(v) AS s | fillnull value=0 s', [{ s: '0' }]],
  ['search k=c | stats count BY k', []],
  ['search k=c | appendpipe [ stats count | where count=0 ]', [{ count: 0 }]],
  ['search k=b | appendpipe [ stats count | where count=0 ] | table v', [{ v: '10' }]],
  ['eventstats max(v) AS m BY k | table k m', [{ k: 'a', m: 2 }, { k: 'b', m: 10 }, { k: 'a', m: 2 }, {}]],
  ['dedup k | table v', [{ v: '2' }, { v: '10' }]],
  ['sort 0 -k, v | table v', [{ v: '10' }, { v: '1' }, { v: '2' }, { v: '7' }]],
  ['sort 0 - v | head 1 | table v', [{ v: '10' }]],
  ['sort 1 v | table v', [{ v: '1' }]],
  ['eval w=v+1, x=w*2 | where x>10 | table x', [{ x: 22 }, { x: 16 }]],
  ['search tags=p | mvexpand tags | table tags', [{ tags: 'p' }, { tags: 'q' }]],
  ['head 1 | rename k AS key | fields - v, tags', [{ _time: 30, key: 'a' }]],
  [
    'timechart span=1m count BY k',
    [
      { _time: 0, a: 2, b: 1, NULL: 1 },
      { _time: 60, a: 0, b: 0, NULL: 0 },
    ],
  ],
])('%s', (search, rows) => {
  expect(runPostProcess(search, ROWS, DAY)).toEqual(rows);
});

test.each([
  'eval c=(v>1)',
  'eval c=(k="a")',
  'join k',
  'sort 0 - k v',
  'stats median(v)',
  'where tags="p"',
  'fillnull value=0',
])('%s is refused', (search) => {
  expect(() => runPostProcess(search, ROWS, DAY)).toThrow();
});

describe('events', () => {
  const event = (over: Partial<Indexed>): Indexed => ({
    time: 10,
    indexed: 12,
    index: 'stepsecurity',
    host: 'h',
    source: 's',
    sourcetype: 'stepsecurity:harden_runner:detection',
    fields: { uid: 'u' },
    event: { severity_id: 99, on: true, none: null, list: [{ n: 1 }, { n: 2 }], html_url: 'https://x/y' },
    ...over,
  });
  const events = [event({}), event({ time: 20, indexed: 200 })];

  it('are read as JSON, calculated and looked up, once they are indexed', () => {
    const [row, ...rest] = runSearch('index=stepsecurity', events, DAY);
    expect(rest).toEqual([]);
    expect(row).toMatchObject({
      on: 'true',
      'list{}.n': ['1', '2'],
      uid: 'u',
      app: 'stepsecurity',
      severity_rank: '5',
    });
    expect(row).toMatchObject({ console_url: 'https://x/y', console_address: 'x/y' });
    expect(row).not.toHaveProperty('none');
  });

  it('have only indexed fields for tstats', () => {
    const search = '| tstats max(_indextime) AS last WHERE index=stepsecurity BY uid';
    expect(runSearch(search, events, DAY)).toEqual([{ uid: 'u', last: 12 }]);
    expect(() => runSearch('| tstats count WHERE severity_id=99', events, DAY)).toThrow(/severity_id/);
    expect(() => runSearch('| tstats count WHERE index=x BY src', events, DAY)).toThrow(/src/);
  });
});

test('macros are expanded, with their arguments and nested macros', () => {
  const macros = new Map([
    [
      'outer(1)',
      new Map([
        ['args', 'x'],
        ['definition', '`inner` a="$x$"'],
      ]),
    ],
    ['inner', new Map([['definition', 'index=i']])],
  ]);
  expect(expandMacros('`outer("p, q")` | stats count', macros)).toBe('index=i a="p, q" | stats count');
  expect(() => expandMacros('`outer`', macros)).toThrow('no macro outer');
});

test('pipes within quotes and brackets do not split a search', () => {
  expect(pipeline('| a | b [ c | d "]" ] | e')).toEqual(['a', 'b [ c | d "]" ]', 'e']);
  expect(pipeline('a="x|y" | eval b="\\"|" | head 1')).toEqual(['a="x|y"', 'eval b="\\"|"', 'head 1']);
});

test('times', () => {
  expect([timeOf('-1d@d', 200_000), timeOf('-70m@m', 10_000), timeOf('5', 0)]).toEqual([86_400, 5_760, 5]);
  expect(() => timeOf('-1w', 0)).toThrow();
  expect(() => formatTime(0, '%Q')).toThrow();
});
