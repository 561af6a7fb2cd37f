import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { METRICS, prometheusName } from '../../src/observe/table.ts';
import { openTextfile } from '../../src/observe/textfile.ts';

const LABELS = { source: 'a', sink: 'b' };
const SUCCESS = prometheusName(METRICS.lastSuccess);

const text = (count: number, success: number): string =>
  `# HELP n_total N.\n# TYPE n_total counter\nn_total{source="a",sink="b"} ${count}\n# HELP ${SUCCESS} S.\n# TYPE ${SUCCESS} gauge\n${SUCCESS}{source="a",sink="b"} ${success}\n`;

const open = async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'textfile-')), 'a.prom');
  return { path, file: await openTextfile(path, LABELS) };
};

it('can be read by the collector, whatever the umask', async () => {
  const { path, file } = await open();
  const before = process.umask(0o077);
  try {
    await file.write(text(1, 1));
  } finally {
    process.umask(before);
  }
  expect(statSync(path).mode & 0o777).toBe(0o644);
});

it('never counts back when two runs meet: what one wrote after the other began stays', async () => {
  const { path, file: long } = await open();
  await long.write(text(100, 10));
  const short = await openTextfile(path, LABELS);
  await long.write(text(150, 20));
  // It met the lease, and counted only its exit code.
  await short.write(text(1, 10));
  expect(readFileSync(path, 'utf8')).toBe(text(151, 20));
  await long.write(text(160, 30));
  expect(readFileSync(path, 'utf8')).toBe(text(161, 30));
});
