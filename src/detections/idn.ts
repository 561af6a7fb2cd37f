import { domainToASCII } from 'node:url';

/** More than any name has: no list of characters is converted for nothing. */
const LONGEST = 1_024;

/**
 * A host as DNS asks for it: `bücher.example` is `xn--bcher-kva.example`. Two spellings of one name are then one value to
 * search for. What cannot be converted, and what is ASCII already, comes back as it is.
 */
export function asciiHost(host: string): string {
  if (host.length > LONGEST || isAscii(host)) return host;
  return domainToASCII(host) || host;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}
