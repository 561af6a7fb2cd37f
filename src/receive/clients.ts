import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { ReceiveOptions } from '../config/receive.ts';

export interface Clients {
  /** The sender's address, as far as it can be trusted; undefined if none can. */
  addressOf(request: Pick<IncomingMessage, 'headers' | 'socket'>): string | undefined;
  isAllowed(address: string | undefined): boolean;
}

export function createClients({
  allow,
  trusted_proxies: trusted,
}: Pick<ReceiveOptions, 'allow' | 'trusted_proxies'>): Clients {
  const allowed = allow && networksOf(allow);
  const proxies = networksOf(trusted ?? []);
  return {
    addressOf({ headers, socket }) {
      const peer = plain(socket.remoteAddress ?? '');
      const header = headers['x-forwarded-for'];
      if (!proxies(peer) || header === undefined) return isIP(peer) === 0 ? undefined : peer;
      // Each proxy appends the address it received from; anything before those of our proxies can be forged.
      const hops = String(header).split(',').map(plain);
      const sender = hops.findLast((hop) => !proxies(hop)) ?? hops[0] ?? '';
      return isIP(sender) === 0 ? undefined : sender;
    },
    isAllowed: (address) => allowed === undefined || (address !== undefined && allowed(address)),
  };
}

/** Without brackets, port and zone; an IPv4 address mapped to IPv6 as IPv4. */
function plain(text: string): string {
  const address = text
    .trim()
    .replace(/^\[([^\]]*)\](?::\d+)?$/, '$1')
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
    .replace(/%.*$/, '');
  return address.replace(/^::ffff:(\d+\.\d+\.\d+\.\d+)$/i, '$1');
}

function networksOf(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return (address) => {
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4');
  };
}
