import { describe, expect, it } from '@jest/globals';
import { screenOf } from '../../src/terminal/screen.ts';

const terminal = { isTTY: true, columns: 120 };
const pipe = {};
const PAINTED = '\u001b[31mx\u001b[39m';

describe('a screen', () => {
  it.each([
    ['a terminal', terminal, { TERM: 'xterm-256color' }, PAINTED],
    ['a terminal in tmux', terminal, { TERM: 'tmux-256color' }, PAINTED],
    ['NO_COLOR', terminal, { TERM: 'xterm', NO_COLOR: '1' }, 'x'],
    ['an empty NO_COLOR', terminal, { TERM: 'xterm-256color', NO_COLOR: '' }, PAINTED],
    ['FORCE_COLOR=0', terminal, { TERM: 'xterm', FORCE_COLOR: '0' }, 'x'],
    ['TERM=dumb', terminal, { TERM: 'dumb' }, 'x'],
    ['a pipe', pipe, { TERM: 'xterm' }, 'x'],
    ['a pipe, in CI', pipe, { TERM: 'xterm', CI: '1', GITHUB_ACTIONS: '1' }, 'x'],
    ['a pipe, with FORCE_COLOR', pipe, { TERM: 'xterm', FORCE_COLOR: '1' }, PAINTED],
  ])('%s', (_, stream, env, expected) => {
    expect(screenOf(stream, env).paint('bad', 'x')).toBe(expected);
  });

  it.each([
    ['as wide as the terminal', { isTTY: true, columns: 200 }, 200],
    ['80 columns if nothing is known', pipe, 80],
    ['80 columns if the terminal reports none', { isTTY: true, columns: 0 }, 80],
    ['40 at least', { isTTY: true, columns: 5 }, 40],
  ])('is %s', (_, stream, width) => {
    expect(screenOf(stream, {}).width).toBe(width);
  });
});
