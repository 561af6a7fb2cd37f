import { type Output, putByte } from './output.ts';
import { CLOSE_OBJECT, COMMA } from './tokens.ts';

/**
 * Ends an object whose key starts at `before` and whose members start at `start`; removes it if it has no members.
 */
export function close(out: Output, before: number, start: number): void {
  if (out.at === start) {
    out.at = before;
    return;
  }
  out.bytes[out.at - 1] = CLOSE_OBJECT;
  if (before !== out.start) putByte(out, COMMA);
}
