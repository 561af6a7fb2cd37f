import { expect, it } from '@jest/globals';
import { examinationOf } from '../../../src/commands/check/examination.ts';
import { examinationScreen } from '../../../src/commands/check/screen.ts';
import type { Finding } from '../../../src/contracts/types.ts';
import { screenOf } from '../../../src/terminal/screen.ts';

const OK: Finding = { check: 'source', status: 'ok', detail: 'is there' };
const WARNING: Finding = { check: 'state', status: 'warning', detail: 'not configured', fix: 'set state' };
const FAILED: Finding = { check: 'sink', status: 'failed', detail: 'is away\u001b[2J' };

const told = (findings: readonly Finding[]): string =>
  examinationScreen(examinationOf(findings, 0), screenOf({ columns: 80 }, {}));

it.each([
  [[OK, OK], 0, 'All is well: 2 checks passed.'],
  [[OK, WARNING], 0, 'Nothing failed, with 1 warning among 2 checks.'],
  [[OK, WARNING, FAILED], 2, '1 of 3 checks failed.'],
])('the verdict comes first', (findings, code, verdict) => {
  expect(examinationOf(findings, 0).exit_code).toBe(code);
  expect(told(findings).split('\n')[0]).toBe(verdict);
});

it('each finding has its fix below it and cannot send terminal control codes', () => {
  expect(told([OK, WARNING, FAILED])).toBe(
    [
      '1 of 3 checks failed.',
      '',
      'status   check   finding',
      '───────  ──────  ──────────────',
      'ok       source  is there',
      'warning  state   not configured',
      '                 → set state',
      'FAILED   sink    is away\\x1b[2J',
    ].join('\n'),
  );
});
