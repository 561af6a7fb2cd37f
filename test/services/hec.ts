import { open } from 'node:fs/promises';
import type { JsonObject } from '../../src/contracts/types.ts';

/** An event as the test receiver keeps it. */
export interface StoredEvent {
  readonly time: number;
  readonly host: string;
  readonly source: string;
  readonly sourcetype: string;
  readonly index?: string;
  readonly fields: { readonly uid: string };
  readonly event: JsonObject;
}

/**
 * What a receiver stored after `offset` of its file, without its own notes on the request and channel that brought it.
 */
export async function storedEvents(file: string, offset: number): Promise<StoredEvent[]> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const { buffer } = await handle.read(Buffer.alloc(size - offset), 0, size - offset, offset);
    return buffer
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as StoredEvent)
      .filter(({ fields }) => fields !== undefined)
      .map(withoutNotes);
  } finally {
    await handle.close();
  }
}

function withoutNotes(event: StoredEvent): StoredEvent {
  const sent = Object.entries(event).filter(([key]) => !key.startsWith('_'));
  return Object.fromEntries(sent) as unknown as StoredEvent;
}
