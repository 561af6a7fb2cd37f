import type { Span } from './span.ts';

/** What ends a URL in a text. */
const URL_END = /[\s"'`<>\\]|$/g;
const AUTHORITY_END = /[/?#\s"'`<>\\]|$/g;
/** Well-known user names without passwords. */
const KNOWN_USERS = new Set([
  'git',
  'hg',
  'svn',
  'user',
  'username',
  'anonymous',
  'root',
  'runner',
  'ubuntu',
  'ec2-user',
]);
/** Schemes whose user is not a secret. */
const SHELL_SCHEMES = /(?:ssh|sftp|scp|rsync|svn|git)$/i;
/** Without a scheme it may be a Bazel target or a wiki page: `//tools:push@v1`. */
const BARE =
  /^[\w.-]+:(?:(?=[a-z_-]*[^a-z_@-])[^@]+@(?:[\w-]+\.[\w-]|localhost\b|\[)|(?=[^@]{8})(?=[^@\d]*\d)(?=[^@A-Z]*[A-Z])[^@]+@(?!v?\d)\w)/;
const PLACEHOLDER = /^(?:\$|\{\{|%\w+%$|\*+$|x+$|<|\[REDACTED)/i;

/** Finds user and password in URLs. Create one per text: it remembers how far it has searched. */
export function createUserinfoFinder(text: string, cut: boolean): (schemeEnd: number) => Span | undefined {
  // Nearly every record contains a URL, but few contain credentials.
  if (!cut && !text.includes('@')) return nothing;
  let end = -1;
  let lastAt = -1;
  return (from) => {
    if (from >= end) {
      URL_END.lastIndex = from;
      end = URL_END.exec(text)?.index ?? text.length;
      lastAt = text.slice(from, end).lastIndexOf('@') + from;
      if (text[lastAt] !== '@') lastAt = -1;
    }
    AUTHORITY_END.lastIndex = from;
    const authorityEnd = Math.min(AUTHORITY_END.exec(text)?.index ?? text.length, end);
    const authority = text.slice(from, authorityEnd);
    const at = authority.lastIndexOf('@');
    // `//user:password@host`; a comment may begin the same way.
    if (text[from - 3] !== ':' && (/[\w.-]/.test(text[from - 3] ?? '') || !BARE.test(authority)))
      return undefined;
    if (at !== -1) return userinfo(text, from, from + at);
    const colon = authority.indexOf(':');
    if (colon === -1 || /^(?:\d{0,5}|\[.*)$/.test(authority.slice(colon + 1)) || authority.startsWith('['))
      return undefined;
    // A password may contain a slash or a hash; in that case what precedes them is not part of a host.
    if (lastAt > authorityEnd && /^[\w[]/.test(text.slice(lastAt + 1, lastAt + 2)))
      return userinfo(text, from, lastAt);
    return cut && end === text.length ? { from, to: end, rule: 'url-userinfo' } : undefined;
  };
}

function nothing(): undefined {
  return undefined;
}

function userinfo(text: string, from: number, to: number): Span | undefined {
  const whole = text.slice(from, to);
  const colon = whole.indexOf(':');
  const password = colon === -1 ? whole : whole.slice(colon + 1);
  if (password === '' || PLACEHOLDER.test(password)) return undefined;
  if (colon === -1) {
    if (KNOWN_USERS.has(whole.toLowerCase())) return undefined;
    if (SHELL_SCHEMES.test(text.slice(Math.max(0, from - 12), from - 3)) && whole.length <= 32)
      return undefined;
  }
  return { from, to, rule: 'url-userinfo' };
}
