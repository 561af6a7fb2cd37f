import { expect, it } from '@jest/globals';
import { METRICS, prometheusName } from '../../src/observe/table.ts';
import { read } from '../markdown.ts';

it('docs/monitoring.md has the table from the code, row by row', () => {
  const rows = Object.values(METRICS).map((one) => {
    const { name, type, unit, labels, description } = one;
    const kind = unit === undefined ? type : `${type}, \`${unit}\``;
    const words = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${prometheusName(one)}\` | \`${name}\` | ${kind} | ${words} | ${description} |`;
  });
  const [, page = ''] = read('docs/monitoring.md').split('| Prometheus | OpenTelemetry |');
  const written = page.split('\n').filter((line) => line.startsWith('| `'));
  expect(written).toEqual(rows);
});
