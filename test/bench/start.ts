import { CLI, type Measured, median, report, runMeasured } from './measure.ts';

export async function benchStart(rounds = 7): Promise<void> {
  const runs: Measured[] = [];
  for (let round = 0; round < rounds; round += 1) runs.push(await runMeasured(CLI, ['--help']));
  report('--help', { milliseconds: median(runs.map(({ wall }) => wall)) * 1_000 });
}
