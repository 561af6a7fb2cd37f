/** Splits a search at the pipes outside quotes and brackets. A leading pipe starts with a command. */
export function pipeline(search: string): string[] {
  const steps = search.match(/(?:"(?:[^"\\]|\\.)*"|\[(?:"(?:[^"\\]|\\.)*"|[^\]"])*\]|[^|"[])+/g) ?? [];
  return steps.map((step) => step.trim()).filter((step) => step !== '');
}
