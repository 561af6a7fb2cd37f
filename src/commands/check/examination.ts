import * as z from 'zod';
import { EXIT } from '../../account/exit.ts';
import type { Finding } from '../../contracts/types.ts';
import { VERSION } from '../../contracts/version.ts';
import { spoken } from '../../redaction/spoken.ts';

/** What `check` found: the last line on stdout. */
export const examinationSchema = z
  .strictObject({
    examination: z.literal(1).describe('Version of this schema.'),
    version: z.string().describe('Version of stepsecurity-siem.'),
    command: z.literal('check'),
    started: z.iso.datetime(),
    finished: z.iso.datetime(),
    duration_seconds: z.number().min(0),
    exit_code: z.number().int().min(0).describe('2 if something failed; a warning is not a failure.'),
    findings: z
      .array(
        z.strictObject({
          check: z.string().describe('What was checked.'),
          status: z.enum(['ok', 'warning', 'failed']),
          detail: z.string().describe('What was found; may span several lines.'),
          fix: z.string().optional().describe('What to do about it.'),
        }),
      )
      .describe('In the order data flows: configuration, source, state, mappings, sink.'),
  })
  .describe('The report of stepsecurity-siem check.');

export type Examination = z.output<typeof examinationSchema>;

export function examinationOf(findings: readonly Finding[], started: number, now = Date.now()): Examination {
  return {
    examination: 1,
    version: VERSION,
    command: 'check',
    started: new Date(started).toISOString(),
    finished: new Date(now).toISOString(),
    duration_seconds: Math.round(now - started) / 1_000,
    exit_code: findings.some(({ status }) => status === 'failed') ? EXIT.config : EXIT.ok,
    findings: findings.map(({ check, status, detail, fix }) => ({
      check,
      status,
      detail: spoken(detail),
      ...(fix === undefined ? {} : { fix: spoken(fix) }),
    })),
  };
}
