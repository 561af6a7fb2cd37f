import type { JsonObject } from '../../../src/contracts/types.ts';
import { detectionOf, type Family, lines, pick, times, upTo, withRaw } from './family.ts';

const OPENINGS = ['{"a":', '[', '{"a":[{"b":'] as const;
const CLOSINGS: Readonly<Record<(typeof OPENINGS)[number], string>> = {
  '{"a":': '}',
  '[': ']',
  '{"a":[{"b":': '}]}',
};

const deep = (opening: (typeof OPENINGS)[number], levels: number): string =>
  `${opening.repeat(levels)}1${CLOSINGS[opening].repeat(levels)}`;

const KEYS = [
  '',
  '.',
  'a.b',
  'a..b',
  '__proto__',
  'constructor',
  'toString',
  '0',
  '-1',
  '4294967296',
  '\u0000',
  '\u0001',
  '\u001b[31m',
  '\u2028',
  '\ud800',
  '\ufeff',
  ' ',
  '"',
  '\\',
  '$ref',
  '{{a}}',
];

export const SHAPE_FAMILIES: readonly Family[] = [
  ...OPENINGS.map((opening) => ({
    name: `depth: one value within ${opening}`,
    medium: 10_000,
    make: (size: number) => Buffer.from(withRaw(1, `"deep":${deep(opening, size)}`)),
  })),
  {
    name: 'depth: many records of every depth',
    medium: 200,
    make: (size, random) =>
      Buffer.from(
        times(size, (nth) => withRaw(nth, `"deep":${deep(pick(random, OPENINGS), upTo(random, 300))}`)).join(
          '',
        ),
      ),
  },
  {
    name: 'depth: arrays that are never closed',
    medium: 100_000,
    make: (size) => Buffer.from('['.repeat(size)),
  },
  {
    name: 'depth: objects that are never closed',
    medium: 20_000,
    make: (size) => Buffer.from('{"a":'.repeat(size)),
  },
  {
    name: 'keys: many in one record',
    medium: 3_000,
    make: (size) =>
      lines([detectionOf(1, Object.fromEntries(times(size, (nth) => [`k${nth}`, nth] as const)))]),
  },
  {
    name: 'keys: of every kind in every record',
    medium: 300,
    make: (size, random) =>
      lines(
        times(size, (nth) =>
          detectionOf(
            nth,
            JSON.parse(
              `{${times(5, (at) => `${JSON.stringify(pick(random, KEYS) + (at > 3 ? nth : ''))}:{"${at}":[1]}`).join(',')}}`,
            ) as JsonObject,
          ),
        ),
      ),
  },
  {
    name: 'keys: long ones',
    medium: 20_000,
    make: (size) =>
      lines(
        times(10, (nth) => detectionOf(nth, { ['k'.repeat(size)]: { ['\u0001'.repeat(size / 10)]: [1] } })),
      ),
  },
  {
    name: 'keys: repeated in one object',
    medium: 20_000,
    make: (size) => Buffer.from(withRaw(1, times(size, (nth) => `"run_id":${nth}`).join(','))),
  },
  {
    name: 'kinds: each record has its own',
    medium: 500,
    make: (size) =>
      lines(times(size, (nth) => detectionOf(nth, { id: `Kind-${nth}`, [`field-${nth}`]: nth }))),
  },
  {
    name: 'kinds: names of any length',
    medium: 20_000,
    make: (size) =>
      lines(
        times(10, (nth) => detectionOf(nth, { id: `K${'x'.repeat(size)}${nth}`, name: 'y'.repeat(size) })),
      ),
  },
  {
    name: 'lists: every known list, with many entries',
    medium: 500,
    make: (size) =>
      lines([
        detectionOf(1, {
          expected_outbound_connections: times(size, (nth) => `host-${nth}.example:443`),
          actions_not_allowed: times(size, (nth) => `example/action-${nth}@v1`),
          runs_on_labels_not_allowed: times(size, String),
          workflow_contains_secrets: times(size, String),
          process_events: times(size, (nth) => ({
            pid: String(nth),
            exe: '/bin/sh',
            arguments: ['sh', '-c', String(nth)],
            timestamp: '2026-01-01T00:00:00Z',
          })),
        }),
        detectionOf(2, { process_events: [{ exe: '/bin/sh', arguments: times(size * 10, String) }] }),
      ]),
  },
  {
    // Each becomes a hundred times its size.
    name: 'structure: the shortest detections',
    medium: 4_000,
    make: (size) => Buffer.from('{"id":"Reverse-Shell"}\n'.repeat(size)),
  },
  {
    name: 'structure: documents on one line',
    medium: 2_000,
    make: (size) => Buffer.from(times(size, (nth) => JSON.stringify(detectionOf(nth))).join('')),
  },
  {
    name: 'structure: brackets in texts',
    medium: 20_000,
    make: (size) => lines([detectionOf(1, { note: '}{'.repeat(size), other: '"\\}\n{'.repeat(size) })]),
  },
  {
    name: 'structure: white space and commas',
    medium: 50_000,
    make: (size, random) => {
      const gap = times(size, () => pick(random, [' ', '\n', '\r\n', '\t', ','])).join('');
      const document = JSON.stringify(detectionOf(1));
      return Buffer.from(
        `${gap}${document}${gap}[${gap}${document}${gap}]${gap}{${gap.replaceAll(',', ' ')}}${gap}`,
      );
    },
  },
  {
    name: 'structure: arrays that open and close',
    medium: 50_000,
    make: (size) => Buffer.from('[],[[]],'.repeat(size)),
  },
];
