import type { Screen } from '../../terminal/screen.ts';
import { paragraph } from '../../terminal/table.ts';
import { counted, grouped, lasting } from '../../terminal/words.ts';
import { printable } from '../../text/printable.ts';
import type { Checkpoint, Remembered } from './remembered.ts';

type Whole = Extract<Checkpoint, { saved: string }>;

/** Width of the labels, including the indent before and the gap after them. */
const INDENT = 12;

/** For people: each checkpoint and how it ended, followed by what it remembers. */
export function rememberedScreen({ store, checkpoints }: Remembered, screen: Screen): string {
  const count = checkpoints.length === 0 ? 'No checkpoint' : counted(checkpoints.length, 'checkpoint');
  const head = paragraph(screen, `${count} in ${printable(store)}.`);
  return [head, ...checkpoints.map((one) => checkpointText(one, screen))].join('\n\n');
}

function checkpointText(checkpoint: Checkpoint, screen: Screen): string {
  const name = screen.paint('strong', printable(checkpoint.name));
  if ('error' in checkpoint)
    return paragraph(
      screen,
      `${name}: ${screen.paint('bad', 'cannot be shown:')} ${printable(checkpoint.error)}`,
    );
  const ended = screen.paint(checkpoint.clean ? 'good' : 'warning', endingOf(checkpoint));
  const lines = linesOf(checkpoint, screen).map(
    ([label, text]) => `  ${label.padEnd(INDENT - 2)}${paragraph(screen, text, INDENT)}`,
  );
  return [paragraph(screen, `${name}: ${ended}`), ...lines].join('\n');
}

function endingOf({ clean, complete, unclean_runs: runs }: Whole): string {
  if (clean) return complete ? 'ended cleanly' : 'ended cleanly, but before everything was read';
  return `in progress, or not ended cleanly (${Math.max(1, runs)} in a row): everything after the last save will be read again`;
}

function linesOf(checkpoint: Whole, { paint }: Screen): (readonly [label: string, text: string])[] {
  const { saved, totals, fingerprints, changed, parts, progress } = checkpoint;
  const age = Math.max(0, Date.now() - Date.parse(saved)) / 1_000;
  const sums = Object.entries(totals).filter(([key, value]) => value > 0 || key === 'read');
  return [
    ['saved', `${printable(saved)}${Number.isNaN(age) ? '' : `, ${lasting(age)} ago`}`],
    [
      'totals',
      sums.length === 0 ? 'none yet' : sums.map(([key, value]) => `${key} ${grouped(value)}`).join(', '),
    ],
    ...progress.map((line, at) => [at === 0 ? 'progress' : '', printable(line)] as const),
    ...(['identity', 'source', 'sink'] as const).map((key) => {
      const differs = changed.includes(key) ? ` ${paint('bad', '(not as configured now)')}` : '';
      return [key, `${printable(fingerprints[key])}${differs}`] as const;
    }),
    [
      'parts',
      Object.entries(parts)
        .map(([part, bytes]) => `${printable(part)} ${counted(bytes, 'byte')}`)
        .join(', '),
    ],
  ];
}
