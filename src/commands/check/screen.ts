import type { Finding } from '../../contracts/types.ts';
import type { Screen } from '../../terminal/screen.ts';
import { tableOf } from '../../terminal/table.ts';
import { counted, grouped } from '../../terminal/words.ts';
import { printableLines } from '../../text/printable.ts';
import type { Examination } from './examination.ts';

const STYLES = { ok: 'good', warning: 'warning', failed: 'bad' } as const satisfies Record<
  Finding['status'],
  string
>;

/** For people: the verdict, and a row for each finding with its fix. */
export function examinationScreen({ findings }: Examination, screen: Screen): string {
  const rows = findings.map(({ check, status, detail, fix }) => [
    screen.paint(STYLES[status], status === 'failed' ? 'FAILED' : status),
    check,
    printableLines(fix === undefined ? detail : `${detail}\n→ ${fix}`),
  ]);
  return `${verdict(findings, screen)}\n\n${tableOf(screen, [{ head: 'status' }, { head: 'check' }, { head: 'finding' }], rows)}`;
}

function verdict(findings: Examination['findings'], { paint }: Screen): string {
  const count = (wanted: Finding['status']): number =>
    findings.filter(({ status }) => status === wanted).length;
  const [failed, warnings] = [count('failed'), count('warning')];
  if (failed > 0) return paint('bad', `${grouped(failed)} of ${counted(findings.length, 'check')} failed.`);
  if (warnings === 0) return paint('good', `All is well: ${counted(findings.length, 'check')} passed.`);
  return paint(
    'warning',
    `Nothing failed, with ${counted(warnings, 'warning')} among ${counted(findings.length, 'check')}.`,
  );
}
