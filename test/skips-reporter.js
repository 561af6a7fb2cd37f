/**
 * Names each suite that was skipped, and the variable it wants, before Jest's own summary: alone, that only counts them.
 * `export default` because Jest loads a reporter by it.
 */
export default class SkipsReporter {
  onRunComplete(_contexts, { testResults }) {
    const skipped = testResults
      .flatMap(({ testResults: tests }) => tests)
      .filter(({ status }) => status === 'pending')
      .flatMap(({ ancestorTitles }) => ancestorTitles.find((title) => title.includes('(skipped: set ')) ?? []);
    const titles = [...new Set(skipped)];
    if (titles.length > 0) process.stderr.write(`\nNot run, for want of a server:\n${titles.map((title) => `  ${title}\n`).join('')}`);
  }
}
