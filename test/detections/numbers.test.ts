import { readFileSync } from 'node:fs';
import { expect, it, test } from '@jest/globals';
import { SCHEMAS } from '../../src/contracts/schema.ts';
import type { Json } from '../../src/contracts/types.ts';
import { DEFAULT_REDACTOR } from '../../src/redaction/redactor.ts';
import { documentsOf } from '../mapping/documents.ts';
import { payloadOf, read } from './harness.ts';

const linesOf = (name: string): string[] =>
  readFileSync(new URL(`../hostile/inputs/${name}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '');

/** A detection whose member `name` is the number `token`, written as in JSON. */
const withNumber = (name: string, token: string, over = {}): string =>
  JSON.stringify(payloadOf('Reverse-Shell', { ...over, [name]: 'HERE' })).replace('"HERE"', token);

it('tells two run ids above 2^53 apart', () => {
  const [first, second] = linesOf('32-bigint.ndjson').map((line) => read(line));
  expect(first?.run_id).toBe('9007199254740993');
  expect(second?.run_id).toBe('9007199254740992');
  expect(first?.uid).not.toBe(second?.uid);
  expect(first?.unmapped).toMatchObject({ extra_id: '9007199254740993', f: 1.1 });
});

it.each(SCHEMAS)('never writes invalid JSON (%s)', (schema) => {
  for (const line of [...linesOf('infinity.ndjson'), ...linesOf('hostile-fields.ndjson')]) {
    for (const document of documentsOf(read(line), { schema, preserveOriginal: true }))
      expect(document).toBeDefined();
  }
  const [document] = documentsOf(read(linesOf('infinity.ndjson')[0] ?? ''), { schema });
  expect(JSON.stringify(document)).toContain('"future_field":"1e400"');
});

test.each(['run_attempt', 'line_number', 'step_number'])(
  '%s: a number that is too large is not interpreted, but kept',
  (name) => {
    for (const token of ['1e400', '-1e400', '9007199254740993', '1e-400', '0.10000000000000000001']) {
      const detection = read(withNumber(name, token));
      expect(detection.warnings).toContain(`bad_${name}`);
      expect(detection.unmapped).toEqual({ [name]: token });
    }
  },
);

it('does not treat a number that is too large as a time', () => {
  const detection = read(withNumber('timestamp', '1e400'));
  expect(detection.warnings).toContain('bad_timestamp');
  expect(detection.unmapped).toEqual({ timestamp: '1e400' });
});

it('keeps the digits in the text of a dead letter', () => {
  expect(DEFAULT_REDACTOR.raw('{"id":9007199254740993,"a":[1e400,1.50]}')).toBe(
    '{"id":"9007199254740993","a":["1e400",1.5]}',
  );
});

it('gives an id one uid, whether it is a number or text', () => {
  const uidOf = (runId: Json): string => read(payloadOf('Reverse-Shell', { run_id: runId })).uid;
  expect(read(withNumber('run_id', '9007199254740993')).uid).toBe(uidOf('9007199254740993'));
  expect(uidOf(16450863125)).toBe(uidOf('16450863125'));
});
