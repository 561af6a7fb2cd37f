/** What is recognised and is no detection, in words. */
const WHAT: Readonly<Record<string, string>> = {
  insights: 'the Insights document of a workflow run, which holds no detection of its own',
  empty_group: 'a group without detections',
};

/** A line for each reason why records of the input have no document: without it an input of such alone would print nothing. */
export function leftOut(filters: ReadonlyMap<string, number>): string {
  const lines = [...filters].map(
    ([name, count]) => `${count} left out: ${WHAT[name] ?? `the filter ${name}`}\n`,
  );
  return lines.join('');
}
