import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Generated, randomOf } from './generate.ts';

const SAMPLES = fileURLToPath(new URL('../../../samples/', import.meta.url));
const SHAPES = 14;

/** One detection of each shape: the vendor's own samples of a usual size. */
function shapes(samples: string): readonly Generated[] {
  const usual: Generated[] = [];
  for (const name of readdirSync(samples).sort()) {
    if (name.includes('.synthetic.')) continue;
    const text = readFileSync(`${samples}${name}`, 'utf8');
    // A file may have several documents, each from the start of a line.
    const [first = ''] = text.split(/(?<=\})\n(?=\{)/);
    const value = JSON.parse(first) as Generated | readonly Generated[];
    const one = Array.isArray(value) ? (value[0] as Generated) : (value as Generated);
    const { length } = JSON.stringify(one);
    if (length > 400 && length < 1_800) usual.push(one);
  }
  return usual.slice(0, SHAPES);
}

const hex = (random: () => number, length: number): string =>
  Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');

/**
 * NDJSON of detections number `from` … `to`, each shape as often as the others, under ids, runs and times of their own. Where
 * the generator of exports has what is frequent, this has what is different: every mapping is used, and every reader.
 */
export function evenly(from: number, to: number, samples = SAMPLES): string {
  const all = shapes(samples);
  const random = randomOf(from + 1);
  let text = '';
  for (let number = from; number < to; number += 1) {
    const shape = all[number % all.length] as Generated;
    const own = {
      ...shape,
      event_id: `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-a${hex(random, 3)}-${hex(random, 12)}`,
      timestamp: String(1_767_225_600 + Math.floor(number * 0.8)),
      ...(shape['run_id'] !== undefined && { run_id: String(16_000_000_000 + Math.floor(number / 3)) }),
      ...(shape['job_id'] !== undefined && { job_id: String(46_000_000_000 + number) }),
    };
    text += `${JSON.stringify(own)}\n`;
  }
  return text;
}
