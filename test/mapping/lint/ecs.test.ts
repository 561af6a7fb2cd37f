import { describe, expect, it, test } from '@jest/globals';
import * as semantics from '@opentelemetry/semantic-conventions/incubating';
import type { JsonObject } from '../../../src/contracts/types.ts';
import { lintEcs } from '../../../src/mapping/lint/ecs.ts';
import { flatten } from '../../../src/mapping/lint/flatten.ts';
import { ecsOf } from '../documents.ts';
import { readSamples } from '../samples.ts';
import { VENDOR_FIELDS } from './ecs.ts';

const samples = readSamples();
const documents = samples.flatMap(({ detections }) => ecsOf(detections));

describe.each(samples)('$name', ({ detections }) => {
  it('is valid ECS', () => {
    expect(ecsOf(detections).flatMap(lintEcs)).toEqual([]);
  });
});

test('each of our own fields is written by some sample', () => {
  const written = new Set(documents.flatMap((document) => flatten(document)).map(({ field }) => field));
  const unwritten = Object.keys(VENDOR_FIELDS).filter(
    (field) => !written.has(field) && ![...written].some((one) => one.startsWith(`${field}.`)),
  );
  expect(unwritten).toEqual([]);
});

test.each(Object.keys(VENDOR_FIELDS).filter((field) => !field.startsWith('stepsecurity.')))(
  "%s is OpenTelemetry's name",
  (field) => {
    expect(Object.values(semantics)).toContain(field);
  },
);

/** A document with a mistake, and what the lint says about it. */
const BREAKS: readonly [string, (event: JsonObject, document: JsonObject) => void, string][] = [
  [
    'an unknown field',
    (_, document) => (document.host_name = 'x'),
    'host_name: unknown field; put fields that are not in ECS under stepsecurity',
  ],
  [
    'a vendor field with the wrong type',
    (_, document) => (document.stepsecurity = { is_lockdown: 'yes' }),
    'stepsecurity.is_lockdown: "yes" is not of type boolean',
  ],
  [
    'one of our fields without a value',
    (_, document) => (document.stepsecurity = { x: 'unknown' }),
    'stepsecurity.x: says nothing',
  ],
  ['a wrong type', (event) => (event.severity = '73'), 'event.severity: "73" is not of type long'],
  ['a fraction', (event) => (event.severity = 7.5), 'event.severity: 7.5 is not of type long'],
  [
    'a time in its own format',
    (event) => (event.created = '2025-08-01 00:00'),
    'event.created: "2025-08-01 00:00" is not of type date',
  ],
  [
    'a name in an address field',
    (_, document) => (document.destination = { ip: 'example.com' }),
    'destination.ip: "example.com" is not of type ip',
  ],
  ['a value that is not allowed', (event) => (event.kind = 'finding'), 'event.kind: finding is not allowed'],
  [
    'a value that is not expected',
    (_, document) => (document.network = { direction: 'out' }),
    'network.direction: out is not allowed',
  ],
  [
    'a type that no category allows',
    (event) => (event.type = ['indicator']),
    'event.type: indicator is not expected for intrusion_detection, network, process',
  ],
  ['a list where ECS has none', (event) => (event.action = ['a']), 'event.action: is a list'],
  [
    'a single value where ECS has a list',
    (event) => (event.category = 'network'),
    'event.category: must be a list',
  ],
  [
    'a text that does not match its pattern',
    (_, document) => (document.destination = { mac: '00:11' }),
    'destination.mac: 00:11 does not match',
  ],
  ['a word for nothing', (event) => (event.action = 'unknown'), 'event.action: says nothing'],
];

test.each(BREAKS)('the lint finds %s', (_, breaks, problem) => {
  const shell = samples.find(({ name }) => name === 'reverse-shell');
  const [document] = structuredClone(ecsOf(shell?.detections ?? []));
  if (document === undefined) throw new Error('the sample is gone');
  breaks(document.event as JsonObject, document);
  expect(lintEcs(document)).toContain(problem);
});
