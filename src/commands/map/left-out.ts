/** What is recognized but is not a detection, in words. */
const WHAT: Readonly<Record<string, string>> = {
  insights: 'the Insights document of a workflow run, which contains no detection of its own',
  empty_group: 'a group without detections',
};

/**
 * One line per reason why records of the input have no document: otherwise an input consisting only of those would
 * print nothing.
 */
export function leftOut(filters: ReadonlyMap<string, number>): string {
  const lines = [...filters].map(
    ([name, count]) => `${count} left out: ${WHAT[name] ?? `the filter ${name}`}\n`,
  );
  return lines.join('');
}
