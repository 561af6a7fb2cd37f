import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';

interface Shown {
  /** The output on the screen and in the scrollback, as a person reads it. */
  readonly text: string;
  /** The same with its escape codes. */
  readonly painted: string;
  readonly code: number;
}

export interface Terminal {
  /** Runs a command as if it were typed, and waits for its end. */
  show(command: string): Shown;
  close(): void;
}

export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The value of TERM. */
  readonly term?: string;
  /** Shell text that runs first. */
  readonly first: string;
}

const FIRST = '<<<';
const LAST = '>>>';
const MARKED = new RegExp(`^${FIRST}\n([^]*)^${LAST} (\\d+)`, 'm');

/** A real terminal, provided by tmux. */
export function openTerminal({ columns, rows, cwd, env = {}, term, first }: TerminalOptions): Terminal {
  const socket = `screens-${randomBytes(4).toString('hex')}`;
  // Ignores the color settings of the person who runs the tests.
  const { FORCE_COLOR: _, NO_COLOR: __, TMUX: ___, ...outer } = process.env;
  const tmux = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], {
      env: { ...outer, LC_ALL: 'C.UTF-8' },
      encoding: 'utf8',
      timeout: 60_000,
    });
    if (status !== 0) throw new Error(`tmux ${args.join(' ')}: ${stderr || 'no answer'}`);
    return stdout;
  };
  const begin = ['set', '-g', 'default-terminal', term ?? 'tmux-256color', ';'];
  begin.push('set', '-g', 'history-limit', '9999', ';');
  begin.push('new-session', '-d', '-s', 's', '-x', `${columns}`, '-y', `${rows}`, '-c', cwd);
  for (const [name, value] of Object.entries(env)) begin.push('-e', `${name}=${value}`);
  tmux(...begin, 'bash --norc --noprofile');
  const run = (text: string): void => {
    tmux('send-keys', '-t', 's', '-l', text);
    tmux('send-keys', '-t', 's', 'Enter');
    tmux('wait-for', 'done');
  };
  const signal = `tmux -L ${socket} wait-for -S done`;
  run(`PS1=; ${first}; ${signal}`);
  return {
    show(command) {
      tmux('send-keys', '-t', 's', '-R');
      tmux('clear-history', '-t', 's');
      run(`printf '\\n${FIRST}\\n'; ${command}; printf '${LAST} %s\\n' $?; ${signal}`);
      const capture = (...how: string[]): string =>
        tmux('capture-pane', '-p', '-J', '-S', '-', '-t', 's', ...how);
      const [, text, code] = MARKED.exec(capture()) ?? [];
      if (text === undefined) throw new Error(`${command}: has not ended:\n${capture()}`);
      const trimmed = text.split('\n').map((line) => line.trimEnd());
      return { text: trimmed.join('\n'), painted: capture('-e'), code: Number(code) };
    },
    close: () => void tmux('kill-server'),
  };
}
