import { describe, expect, it } from '@jest/globals';
import { continued, labelText, parse, render, valuesOf } from '../../src/observe/exposition.ts';

const counter = (lines: string): string => `# HELP a_total What.\n# TYPE a_total counter\n${lines}`;

describe('Prometheus text', () => {
  it('is read and written without changes', () => {
    const text = `${counter('a_total 1\na_total{kind="x} 5",b="\\"\\\\\\n"} 2.5\n')}# HELP b What.\n# TYPE b gauge\nb 1\n`;
    expect(render(parse(text))).toBe(text);
    expect(valuesOf(parse(text), 'a_total', 'kind')).toEqual(['x} 5']);
    expect(valuesOf(parse(text), 'a_total', 'b')).toEqual(['"\\\n']);
  });

  it.each([
    '',
    'a_total',
    'a_total x',
    '# TYPE',
    'a_total 1',
    '\u0000\u0001',
    '{} 1',
    `${counter('')}a_total NaN`,
  ])('has no samples if it is damaged (%j)', (text) => {
    expect(render(parse(text))).toBe('');
  });
});

describe('the counts of an earlier process', () => {
  const ours = labelText({ source: 's3://a"b' });
  const go = (now: string, earlier: string): string => render(continued(parse(now), parse(earlier), ours));

  it('are added, and stay even if nothing was counted now', () => {
    const now = counter(`a_total{${ours},kind="x"} 1\n`);
    const earlier = counter(`a_total{${ours},kind="x"} 2\na_total{${ours},kind="y"} 5\n`);
    expect(go(now, earlier)).toBe(counter(`a_total{${ours},kind="x"} 3\na_total{${ours},kind="y"} 5\n`));
  });

  it('are left out if they belong to another source or sink', () => {
    const now = counter(`a_total{${ours}} 1\n`);
    expect(go(now, counter('a_total{source="s3://b"} 2\n'))).toBe(now);
  });

  it('are left out if they have a feed, as in another configuration', () => {
    const now = counter(`a_total{${ours}} 1\n`);
    expect(go(now, counter(`a_total{${ours},feed="b"} 2\na_total{${ours}} 2\n`))).toBe(
      counter(`a_total{${ours}} 3\n`),
    );
  });

  it('are left out for gauges', () => {
    const gauge = (value: number): string => `# HELP g What.\n# TYPE g gauge\ng{${ours}} ${value}\n`;
    expect(go(gauge(1), gauge(7))).toBe(gauge(1));
  });

  it('are added to histograms, unless their buckets differ', () => {
    const histogram = (bound: string, value: number): string =>
      `# HELP h What.\n# TYPE h histogram\nh_count{${ours}} ${value}\nh_bucket{${ours},le="${bound}"} ${value}\nh_bucket{${ours},le="+Inf"} ${value}\n`;
    expect(go(histogram('0.1', 1), histogram('0.1', 2))).toBe(histogram('0.1', 3));
    expect(go(histogram('0.1', 1), histogram('0.3', 2))).toBe(histogram('0.1', 1));
  });
});
