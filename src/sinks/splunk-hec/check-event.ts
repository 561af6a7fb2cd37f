import { seconds } from './envelope.ts';
import type { SplunkHecOptions } from './options.ts';

export const CHECK_SOURCETYPE = 'stepsecurity:harden_runner:check';

/** Where an event of the check source type goes: the index of all others, so that only what it holds differs. */
export function checkMeta(options: Pick<SplunkHecOptions, 'host' | 'index'>) {
  return {
    ...(options.index !== undefined && { index: options.index }),
    host: options.host,
    source: 'stepsecurity:check',
    sourcetype: CHECK_SOURCETYPE,
  };
}

/** A small event with nothing in it that anybody could object to. No search for detections finds it. */
export function checkEvent(options: Pick<SplunkHecOptions, 'host' | 'index'>, message: string): string {
  const meta = JSON.stringify(checkMeta(options)).slice(1, -1);
  return `{"time":${seconds(Date.now())},${meta},"event":${JSON.stringify({ message })}}\n`;
}
