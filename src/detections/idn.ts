import { domainToASCII } from 'node:url';

/** Longer than any name: a long list of characters is not converted in vain. */
const LONGEST = 1_024;

/**
 * A host as used in DNS: `bücher.example` becomes `xn--bcher-kva.example`, so that two spellings of one name are
 * one value to search for. A name that is already ASCII, or cannot be converted, is returned unchanged.
 */
export function asciiHost(host: string): string {
  if (host.length > LONGEST || isAscii(host)) return host;
  return domainToASCII(host) || host;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}
