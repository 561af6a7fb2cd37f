import { WriteStream } from 'node:tty';
import { styleText } from 'node:util';

/** Of a terminal that does not say (0), and of what is no terminal. */
const WIDTH = 80;
/** In fewer columns nothing can be read; what is written is wider than the terminal then. */
const LEAST_WIDTH = 40;

type Style = 'good' | 'warning' | 'bad' | 'strong' | 'faint';

const FORMATS = {
  good: 'green',
  warning: 'yellow',
  bad: 'red',
  strong: 'bold',
  faint: 'dim',
} as const satisfies Record<Style, string>;

/** How to write to one stream: decided once, when a command begins. */
export interface Screen {
  /** Columns of text. */
  readonly width: number;
  /** The text in a style; as it is where there are no colours. What others wrote goes through `printable` first. */
  readonly paint: (style: Style, text: string) => string;
}

type Stream = Partial<Pick<WriteStream, 'isTTY' | 'columns'>>;

/**
 * Colours follow Node's own rules (`NO_COLOR` unless it is empty, `FORCE_COLOR`, `TERM`); what is no terminal gets them by `FORCE_COLOR` alone.
 * Node's `styleText` does what a library would be needed for.
 */
export function screenOf(stream: Stream, env: NodeJS.ProcessEnv = process.env): Screen {
  const isAsked = stream.isTTY === true || env['FORCE_COLOR'] !== undefined;
  const { NO_COLOR: refused, ...others } = env;
  // https://no-color.org: an empty one has no effect. Node does not ask for its value.
  const isColoured = isAsked && WriteStream.prototype.getColorDepth(refused === '' ? others : env) > 1;
  return {
    width: Math.max(LEAST_WIDTH, stream.columns || WIDTH),
    paint: (style, text) => (isColoured ? styleText(FORMATS[style], text, { validateStream: false }) : text),
  };
}
