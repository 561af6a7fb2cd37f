/** One command of a shell's script. */
export interface Command {
  /** Without quotes. */
  readonly words: string[];
  readonly redirects: Redirect[];
  /** The same for all commands of one pipeline. */
  readonly pipeline: number;
}

interface Redirect {
  /** As it is written before the sign; absent where the sign itself says it. */
  readonly fd: string;
  /** Whether it is read from. */
  readonly input: boolean;
  readonly target: string;
}

/** What is next: a comment, a redirection, an end, a piece of a word, or space. A quote that is not closed is a letter. */
const TOKEN =
  /[ \t\r]+|(?:(?<![^\s;&|(])#[^\n]*)|((?:(?<![^\s;&|()])\d{1,4})?(?:&>>?|<>|<<<?|<&|>>|>&|>\||[<>]))|(&&|\|\||\|&?|[;&\n()`])|('[^']*'|"[^"\\]*(?:\\[^][^"\\]*)*"|\\[^]|[^\s'"\\;&|<>()`]+|[^])/gy;

/** What a backslash takes its meaning from; before anything else it is a part of a path of Windows. */
const ESCAPED = /\\([\s'"\\;&|<>()`$])/g;

/** Takes a script apart as a POSIX shell does, in one pass and as far as who runs what and where it leads. */
export function commandsOf(script: string): Command[] {
  const commands: Command[] = [];
  let pipeline = 0;
  let command: Command = { words: [], redirects: [], pipeline };
  let word: string | undefined;
  let redirect: string | undefined;
  /** The last of a group in parentheses, which a redirection after it is of. */
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
