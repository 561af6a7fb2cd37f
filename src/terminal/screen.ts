import { WriteStream } from 'node:tty';
import { styleText } from 'node:util';

/** For a terminal that reports no width (0), and for anything that is not a terminal. */
const WIDTH = 80;
/** Narrower text is unreadable, so below this the output is wider than the terminal. */
const LEAST_WIDTH = 40;

type Style = 'good' | 'warning' | 'bad' | 'strong' | 'faint';

const FORMATS = {
  good: 'green',
  warning: 'yellow',
  bad: 'red',
  strong: 'bold',
  faint: 'dim',
} as const satisfies Record<Style, string>;

/** How to write to one stream; decided once, when a command starts. */
export interface Screen {
  /** Columns of text. */
  readonly width: number;
  /** The text in a style, or unchanged without colors. Text from outside goes through `printable` first. */
  readonly paint: (style: Style, text: string) => string;
}

type Stream = Partial<Pick<WriteStream, 'isTTY' | 'columns'>>;

/**
 * Colors follow Node's own rules (`NO_COLOR` unless it is empty, `FORCE_COLOR`, `TERM`); a stream that is not a
 * terminal gets them only through `FORCE_COLOR`. Node's `styleText` makes a color library unnecessary.
 */
export function screenOf(stream: Stream, env: NodeJS.ProcessEnv = process.env): Screen {
  const isAsked = stream.isTTY === true || env['FORCE_COLOR'] !== undefined;
  const { NO_COLOR: refused, ...others } = env;
  // https://no-color.org: an empty value has no effect, but Node does not check the value.
  const isColored = isAsked && WriteStream.prototype.getColorDepth(refused === '' ? others : env) > 1;
  return {
    width: Math.max(LEAST_WIDTH, stream.columns || WIDTH),
    paint: (style, text) => (isColored ? styleText(FORMATS[style], text, { validateStream: false }) : text),
  };
}
