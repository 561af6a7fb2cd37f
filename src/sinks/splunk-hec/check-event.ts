import { seconds } from './envelope.ts';
import type { SplunkHecOptions } from './options.ts';

export const CHECK_SOURCETYPE = 'stepsecurity:harden_runner:check';

/**
 * Metadata of an event with the check source type: the same index as all others, so that only its content differs.
 */
export function checkMeta(options: Pick<SplunkHecOptions, 'host' | 'index'>) {
  return {
    ...(options.index !== undefined && { index: options.index }),
    host: options.host,
    source: 'stepsecurity:check',
    sourcetype: CHECK_SOURCETYPE,
  };
}

/** A small event that gives no reason to refuse it. Searches for detections do not find it. */
export function checkEvent(options: Pick<SplunkHecOptions, 'host' | 'index'>, message: string): string {
  const meta = JSON.stringify(checkMeta(options)).slice(1, -1);
  return `{"time":${seconds(Date.now())},${meta},"event":${JSON.stringify({ message })}}\n`;
}
