/** What is wrong with an answer; undefined if nothing is. Says what was expected and quotes nothing. */
export type Complaint = (answer: string) => string | undefined;

export const oneOf =
  (...words: readonly string[]): Complaint =>
  (answer) =>
    words.includes(answer) ? undefined : `expected ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;

export const isUrl: Complaint = (answer) =>
  /^https?:\/\/./.test(answer) && URL.canParse(answer)
    ? undefined
    : 'expected a URL that begins with https://';

export const isMoment: Complaint = (answer) =>
  answer === 'beginning' || answer === 'now' || /^\d{4}-\d\d-\d\d/.test(answer)
    ? undefined
    : 'expected beginning, now, or a time such as 2026-01-31T00:00:00Z';
