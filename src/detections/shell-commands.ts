/** One command of a shell's script. */
export interface Command {
  /** Without quotes. */
  readonly words: string[];
  readonly redirects: Redirect[];
  /** The same for all commands in one pipeline. */
  readonly pipeline: number;
}

interface Redirect {
  /** As written before the operator; empty if the operator implies it. */
  readonly fd: string;
  /** Whether it is read from. */
  readonly input: boolean;
  readonly target: string;
}

/**
 * The next token: a comment, a redirection, a separator, a piece of a word, or space. An unclosed quote is an
 * ordinary character.
 */
const TOKEN =
  /[ \t\r]+|(?:(?<![^\s;&|(])#[^\n]*)|((?:(?<![^\s;&|()])\d{1,4})?(?:&>>?|<>|<<<?|<&|>>|>&|>\||[<>]))|(&&|\|\||\|&?|[;&\n()`])|('[^']*'|"[^"\\]*(?:\\[^][^"\\]*)*"|\\[^]|[^\s'"\\;&|<>()`]+|[^])/gy;

/** Characters that a backslash escapes; before any other, the backslash is part of a Windows path. */
const ESCAPED = /\\([\s'"\\;&|<>()`$])/g;

/**
 * Splits a script as a POSIX shell does, in one pass, but only to find which programs run and where data is
 * redirected.
 */
export function commandsOf(script: string): Command[] {
  const commands: Command[] = [];
  let pipeline = 0;
  let command: Command = { words: [], redirects: [], pipeline };
  let word: string | undefined;
  let redirect: string | undefined;
  /** The last command of a group in parentheses, to which a redirection after the group applies. */
  let group: Command | undefined;

  const endWord = (): void => {
    if (word === undefined) return;
    if (redirect === undefined) command.words.push(word);
    else {
      const owner = command.words.length === 0 ? (group ?? command) : command;
      owner.redirects.push({
        fd: /^\d*/.exec(redirect)?.[0] ?? '',
        input: redirect.includes('<'),
        target: word,
      });
    }
    word = undefined;
    redirect = undefined;
  };
  const endCommand = (by: string): void => {
    endWord();
    redirect = undefined;
    if (command.words.length > 0 || command.redirects.length > 0) commands.push(command);
    if (by !== '|' && by !== '|&') pipeline += 1;
    group = by === ')' ? commands.at(-1) : undefined;
    command = { words: [], redirects: [], pipeline };
  };

  for (const [, sign, end, piece] of script.matchAll(TOKEN)) {
    if (piece !== undefined) word = (word ?? '') + plain(piece);
    else if (end !== undefined) endCommand(end);
    else {
      endWord();
      if (sign !== undefined) redirect = sign;
    }
  }
  endCommand('');
  return commands;
}

function plain(piece: string): string {
  const quote = piece.length > 1 ? piece[0] : undefined;
  if (quote === "'") return piece.slice(1, -1);
  const inner = quote === '"' ? piece.slice(1, -1) : piece;
  return inner.includes('\\') ? inner.replace(ESCAPED, '$1') : inner;
}
