import { describe, it } from '@jest/globals';

/**
 * A suite that needs real servers: runs if every named variable is set, otherwise is skipped and says so. With
 * `REQUIRE_SERVICES=1` (CI) a missing server is a failure, not a skip.
 */
export function describeWith(names: readonly string[], title: string, suite: () => void): void {
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length === 0) {
    describe(title, suite);
    return;
  }
  if (process.env.REQUIRE_SERVICES === '1') throw new Error(`${title}: ${missing.join(', ')} must be set`);
  // Its body is not run either, so it may rely on the variables.
  describe.skip(`${title} (skipped: set ${missing.join(', ')})`, () => {
    it('needs its server', () => undefined);
  });
}

/** The value of a variable that `describeWith` has checked. */
export function need(name: string): string {
  return process.env[name] ?? '';
}

/** `it` for what only some servers can do: skipped with a reason where this one cannot. */
export function itWhere(able: boolean, wanted: string): (title: string, ...rest: TestBody) => void {
  return (title, ...rest) =>
    able ? it(title, ...rest) : it.skip(`${title} (skipped: no ${wanted})`, ...rest);
}

type TestBody = [test: () => Promise<void>, timeout?: number];
