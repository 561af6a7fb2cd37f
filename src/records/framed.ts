import type { Origin, SourceRecord } from '../contracts/types.ts';

/**
 * A record as a range of the bytes it arrived in; its text is created on demand. While a batch waits for the sink,
 * thousands of texts on V8's heap would be moved and marked by every garbage collection; bytes are not.
 */
export class FramedRecord implements SourceRecord {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
  readonly origin: Origin;
  readonly offset: number;

  constructor(bytes: Buffer, from: number, to: number, origin: Origin, offset: number) {
    this.bytes = bytes;
    this.from = from;
    this.to = to;
    this.origin = origin;
    this.offset = offset;
  }

  get text(): string {
    return this.bytes.toString('utf8', this.from, this.to);
  }
}
