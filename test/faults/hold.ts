import { expect } from '@jest/globals';
import { type Break, PATIENCE_S, saidOf } from './scene.ts';
import { type Row, says } from './table.ts';

/** The most that `check`, or a run that need not wait, may take: loading its code on a busy machine is most of it. */
const CHECK_S = 10;
const AT_ONCE_S = 10;

/** Breaks it, and checks that each command says what the row says, in the time it allows. */
export async function hold(row: Row, broken: Break): Promise<void> {
  const { code, waits, idle } = row;
  for (const fresh of [true, false]) {
    const run = await saidOf(broken, 'run', fresh);
    const shows = fresh || idle;
    expect({ fresh, code: run.code, text: run.text }).toEqual({
      fresh,
      code: shows ? code : 0,
      text: run.text,
    });
    if (!shows) continue;
    for (const sentence of row.run) expectSaid(run.text, sentence);
    if (waits) expect(run.text).toContain('will try again');
    expect(run.seconds).toBeLessThan(waits ? PATIENCE_S + AT_ONCE_S : AT_ONCE_S);
  }
  if (row.check.length === 0) return;
  const check = await saidOf(broken, 'check', true);
  for (const sentence of row.check) expectSaid(check.text, sentence);
  expect(check.code).toBe(code === 0 ? 0 : 2);
  expect(check.seconds).toBeLessThan(CHECK_S);
}

function expectSaid(text: string, sentence: string): void {
  expect(says(text, sentence) ? sentence : text).toBe(sentence);
}
