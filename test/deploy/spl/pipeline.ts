/** Cuts a search at the bars that are within no quotes and no brackets. A leading bar begins with a command. */
export function pipeline(search: string): string[] {
  const steps = search.match(/(?:"(?:[^"\\]|\\.)*"|\[(?:"(?:[^"\\]|\\.)*"|[^\]"])*\]|[^|"[])+/g) ?? [];
  return steps.map((step) => step.trim()).filter((step) => step !== '');
}
