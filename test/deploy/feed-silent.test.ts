import { expect, it } from '@jest/globals';
import { documentOf } from '../../src/sinks/elasticsearch/heartbeat.ts';
import { feedStreamName } from '../../src/sinks/elasticsearch/options.ts';
import { testHeartbeat } from '../contract/sink.ts';
import { silenceRule } from './feed-silent.ts';

it('the rule for silence has a type that fires when there are no documents', () => {
  const { rule_type_id: type, params } = silenceRule;
  expect(type).toBe('.es-query');
  // A group that has disappeared has no bucket, and so no alert.
  expect(params).toMatchObject({
    aggType: 'count',
    groupBy: 'all',
    thresholdComparator: '<',
    threshold: [1],
  });
});

it('reads heartbeats, by fields that they have', () => {
  const { index, esQuery } = silenceRule.params;
  expect(index).toEqual([feedStreamName('*')]);
  const { feed } = documentOf(testHeartbeat(), 'default').stepsecurity as { feed: Record<string, unknown> };
  const terms = [...esQuery.matchAll(/\{"term":\{"stepsecurity\.feed\.(\w+)":([^}]+)\}/g)];
  expect(terms.map(([, field = '', value = '']) => [field, JSON.parse(value)])).toEqual([
    ['command', feed.command],
    ['complete', feed.complete],
  ]);
});
