import { text } from './artefacts.ts';

/**
 * A unit's command as systemd would start it: continued lines joined, quotes removed, `%` specifiers and variables
 * replaced.
 */
export function execStart(
  unit: string,
  variables: Readonly<Record<string, string>>,
  specifiers: Readonly<Record<string, string>> = {},
): string[] {
  const joined = text(`cron/${unit}`).replaceAll('\\\n', ' ');
  const line = /^ExecStart=(.+)$/m.exec(joined)?.[1] ?? '';
  const words = line.match(/'[^']*'|[^\s']+/g) ?? [];
  return words.map((word) =>
    word
      .replaceAll(/^'|'$/g, '')
      .replaceAll(/%(\w)/g, (_, name: string) => specifiers[name] ?? `%${name}`)
      .replaceAll(/\$\{(\w+)\}/g, (_, name: string) => variables[name] ?? ''),
  );
}

/** `LoadCredential=name:file` of a unit. */
export function credentials(unit: string): { name: string; file: string }[] {
  return [...text(`cron/${unit}`).matchAll(/^LoadCredential=([^:]+):(.+)$/gm)].map(([, name, file]) => ({
    name: name ?? '',
    file: file ?? '',
  }));
}
