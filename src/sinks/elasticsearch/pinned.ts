import https from 'node:https';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { ConfigError, RetryableError } from '../../contracts/errors.ts';
import { createAgents } from '../../net/agents.ts';
import { faultError, faultOf } from '../../net/fault-of.ts';

/**
 * The certificate sent by a node that has the expected SHA-256 fingerprint, as PEM. It becomes the only trusted
 * authority, and every later connection is verified in full. The first node that answers decides. Throws `ConfigError`
 * if it sends no such certificate, `RetryableError` if no node answers.
 */
export async function pinnedCa(
  urls: readonly URL[],
  fingerprint: string,
  timeout: number,
  signal: AbortSignal,
): Promise<string> {
  const wanted = plain(fingerprint);
  let failure: unknown;
  for (const url of urls) {
    try {
      const chain = await chainOf(url, timeout, signal);
      const match = chain.find((certificate) => plain(certificate.fingerprint256) === wanted);
      if (match !== undefined) return pem(match.raw);
      throw new ConfigError(`sink.ca_fingerprint: no certificate sent by ${url.host} has this fingerprint`);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof ConfigError) throw error;
      const fault = faultOf(error);
      if (fault?.whose === 'operator') throw faultError(fault, url.host, error);
      failure = error;
    }
  }
  const reason = faultOf(failure)?.reason ?? (failure instanceof Error ? failure.message : 'no node answers');
  throw new RetryableError(reason, { cause: failure });
}

/** The certificates of a peer that is not authenticated yet; nothing secret is sent. */
async function chainOf(url: URL, timeout: number, signal: AbortSignal): Promise<DetailedPeerCertificate[]> {
  const agent = createAgents({ verify: false }).https;
  try {
    return await new Promise((resolve, reject) => {
      const request = https.request(url, { agent, method: 'HEAD', signal, timeout });
      request.on('response', (response) => {
        resolve(unroll((response.socket as TLSSocket).getPeerCertificate(true)));
        response.resume();
      });
      request.on('timeout', () =>
        request.destroy(Object.assign(new Error('timed out'), { code: 'REPLY_TIMEOUT' })),
      );
      request.on('error', reject);
      request.end();
    });
  } finally {
    agent.destroy();
  }
}

/** A self-signed certificate names itself as its issuer, endlessly. */
function unroll(leaf: DetailedPeerCertificate): DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  let next: DetailedPeerCertificate | undefined = leaf;
  while (next?.fingerprint256 !== undefined && !chain.includes(next)) {
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain;
}

function plain(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toLowerCase();
}

function pem(raw: Buffer): string {
  const lines = raw.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
