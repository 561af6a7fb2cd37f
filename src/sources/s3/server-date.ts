import type { ListObjectsV2Command } from '@aws-sdk/client-s3';

/**
 * Passes the server's own clock, in epoch milliseconds, to `seen` when the reply arrives; the SDK does not expose
 * it.
 */
export function readDate(command: ListObjectsV2Command, seen: (date: number) => void): void {
  command.middlewareStack.add(
    (next) => async (request) => {
      const result = await next(request);
      const { headers } = result.response as { headers?: Record<string, string> };
      const date = Date.parse(headers?.['date'] ?? '');
      if (!Number.isNaN(date)) seen(date);
      return result;
    },
    { step: 'deserialize', name: 'readDate', priority: 'high' },
  );
}
