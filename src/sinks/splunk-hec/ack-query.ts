import type { Meter } from '../../contracts/types.ts';
import { timed } from '../../io/timed.ts';
import type { AckOptions } from './acks.ts';
import { classifyAck, classifyFailure } from './classify.ts';
import type { Connection } from './connection.ts';
import { NoReplyError } from './transport.ts';

/** Asks the ack endpoint, on the channel and with the cookies of the event requests. */
export function createAckQuery({ endpoint, transport }: Connection, meter: Meter): AckOptions['query'] {
  return async (ids, signal) => {
    try {
      const headers = {
        Authorization: `Splunk ${endpoint.token}`,
        'Content-Type': 'application/json',
        ...endpoint.channelHeader,
      };
      const body = Buffer.from(JSON.stringify({ acks: ids }));
      const exchange = { method: 'POST', url: endpoint.url('ack'), headers, body, signal } as const;
      const reply = await timed(meter, 'ack_requests', () => transport(exchange));
      return classifyAck(reply);
    } catch (error) {
      if (!(error instanceof NoReplyError)) throw error;
      const verdict = classifyFailure(error.cause, error.connected);
      return {
        act: verdict.act === 'config' ? 'config' : 'retry',
        reason: 'reason' in verdict ? verdict.reason : '',
      };
    }
  };
}
