import { isUtf8 } from 'node:buffer';
import {
  BACKSLASH,
  CR,
  isSpace,
  LF,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  SPACE,
  skipSpace,
  trimEnd,
} from '../records/bytes.ts';
import { createFramer } from '../records/framing.ts';
import { createScanner } from '../records/scanner.ts';

/**
 * A body as one line, to be stored in a file with others; undefined if it needs a file of its own, because it could
 * spoil its neighbors or be read differently next to them: if it is not UTF-8, or not a single object or array with
 * balanced strings and brackets. In a body of several lines, white space between tokens becomes one space: numbers,
 * duplicate keys and everything else are unchanged, and no two tokens are joined.
 */
export function asLine(body: Buffer): Buffer | undefined {
  if (!isUtf8(body)) return undefined;
  const from = skipSpace(body, 0, body.length);
  const trimmed = body.subarray(from, trimEnd(body, from, body.length));
  const [first] = trimmed;
  if (first !== OPEN_OBJECT && first !== OPEN_ARRAY) return undefined;
  const line = flattened(trimmed);
  const scanner = createScanner();
  scanner.start('value');
  if (scanner.run(line, 0, line.length) !== line.length || scanner.cut) return undefined;
  if (first === OPEN_OBJECT) return line;
  // The elements of an array are framed separately, and need not be JSON: then a line end may separate two of them.
  return framesAlone(line) && (line === trimmed || isJson(line)) ? line : undefined;
}

function isJson(line: Buffer): boolean {
  try {
    JSON.parse(line.toString());
    return true;
  } catch {
    return false;
  }
}

function flattened(trimmed: Buffer): Buffer {
  if (!trimmed.includes(LF) && !trimmed.includes(CR)) return trimmed;
  const line = Buffer.allocUnsafe(trimmed.length);
  let to = 0;
  let inString = false;
  for (let at = 0; at < trimmed.length; at += 1) {
    const byte = trimmed[at] as number;
    if (inString) {
      line[to++] = byte;
      if (byte === QUOTE) inString = false;
      else if (byte === BACKSLASH && at + 1 < trimmed.length) line[to++] = trimmed[++at] as number;
    } else if (isSpace(byte)) {
      const next = skipSpace(trimmed, at, trimmed.length);
      line[to++] = SPACE;
      at = next - 1;
    } else {
      inString = byte === QUOTE;
      line[to++] = byte;
    }
  }
  return line.subarray(0, to);
}

const NEIGHBOR = '{"next":0}';
const ORIGIN = { source: 'receive', uri: '' };

/** Whether the framing that the source uses still finds the line's neighbor unchanged. */
function framesAlone(line: Buffer): boolean {
  let faults = 0;
  let last = '';
  const framer = createFramer({
    origin: ORIGIN,
    recordBytes: line.length + NEIGHBOR.length,
    emit({ fault, text }, end) {
      if (fault !== undefined) faults += 1;
      last = end > line.length ? text : '';
    },
  });
  framer.push(Buffer.concat([line, Buffer.from(`\n${NEIGHBOR}\n`)]));
  framer.end();
  return faults === 0 && last === NEIGHBOR;
}
