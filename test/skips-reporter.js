/**
 * Names each skipped suite and the variable it needs before Jest's own summary, which only counts them. Jest loads a
 * reporter by its `export default`.
 */
export default class SkipsReporter {
  onRunComplete(_contexts, { testResults }) {
    const skipped = testResults
      .flatMap(({ testResults: tests }) => tests)
      .filter(({ status }) => status === 'pending')
      .flatMap(({ ancestorTitles }) => ancestorTitles.find((title) => title.includes('(skipped: set ')) ?? []);
    const titles = [...new Set(skipped)];
    if (titles.length > 0) process.stderr.write(`\nNot run, because their server is missing:\n${titles.map((title) => `  ${title}\n`).join('')}`);
  }
}
