import type { Meter } from '../contracts/types.ts';

/** Sends a request, counts it under `request`, and records how long it took, whether or not it failed. */
export async function timed<T>(meter: Meter, request: string, send: () => Promise<T>): Promise<T> {
  meter.add(request);
  const { took } = meter;
  if (took === undefined) return send();
  const started = performance.now();
  try {
    return await send();
  } finally {
    took(request, (performance.now() - started) / 1_000);
  }
}
