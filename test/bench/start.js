import { CLI, median, report, runMeasured } from './measure.js';

export async function benchStart(rounds = 7) {
  const runs = [];
  for (let round = 0; round < rounds; round += 1) runs.push(await runMeasured(CLI, ['--help']));
  report('--help', { milliseconds: median(runs.map(({ wall }) => wall)) * 1_000 });
}
