import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen } from './listen.ts';

interface ScriptedMessage {
  readonly id: string;
  readonly body: string;
  receipt: string;
  receives: number;
  /** When it becomes visible again. */
  visibleAt: number;
  /** Visibility timeouts it was given, in seconds, starting with its receive. */
  readonly visibilities: number[];
}

type SqsAction =
  | 'ReceiveMessage'
  | 'DeleteMessageBatch'
  | 'ChangeMessageVisibilityBatch'
  | 'GetQueueAttributes';

/** What goes wrong with one request: all of it, or every entry. */
type SqsFault =
  | { readonly status: number; readonly code: string }
  | { readonly entries: string; readonly sender: boolean };

export interface ScriptedSqs {
  /** The URL of the queue. */
  readonly url: string;
  /** Messages that were not deleted. */
  readonly messages: Map<string, ScriptedMessage>;
  readonly requests: SqsAction[];
  attributes: Record<string, string>;
  fault: (action: SqsAction) => SqsFault | undefined;
  /** Returns its id. */
  send(body: string): string;
  close(): Promise<void>;
}

interface Entry {
  readonly Id: string;
  readonly ReceiptHandle: string;
  readonly VisibilityTimeout?: number;
}

/** Clients do not notice how long an empty queue was polled, so tests need not wait a second for nothing. */
const EMPTY_SECOND_MS = 50;
/** While messages are held, one of them may be returned. */
const SECOND_MS = 500;

/**
 * One queue that behaves as the test says, in SQS's JSON protocol: for behavior that a real server cannot be asked for.
 */
export async function scriptedSqs(): Promise<ScriptedSqs> {
  const messages = new Map<string, ScriptedMessage>();
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const port = await listen(server);
  const self: ScriptedSqs = {
    url: `http://127.0.0.1:${port}/000000000000/scripted`,
    messages,
    requests: [],
    attributes: {},
    fault: () => undefined,
    send(body) {
      const id = randomUUID();
      messages.set(id, { id, body, receipt: '', receives: 0, visibleAt: 0, visibilities: [] });
      return id;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => {
        server.close(done);
      });
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const action = String(request.headers['x-amz-target']).replace('AmazonSQS.', '') as SqsAction;
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const input = JSON.parse(Buffer.concat(pieces).toString()) as Record<string, unknown>;
    self.requests.push(action);
    const fault = self.fault(action);
    const reply = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
    };
    if (fault !== undefined && 'status' in fault) {
      reply(fault.status, { __type: `com.amazonaws.sqs#${fault.code}`, message: 'scripted' });
      return;
    }
    if (action === 'GetQueueAttributes') reply(200, { Attributes: self.attributes });
    else if (action === 'ReceiveMessage')
      reply(200, { Messages: await handOut(input, () => response.destroyed) });
    else reply(200, eachEntry(action, input.Entries as Entry[], fault));
  }

  async function handOut(input: Record<string, unknown>, gone: () => boolean): Promise<unknown[]> {
    const began = Date.now();
    const lasts = (): number =>
      Number(input.WaitTimeSeconds) * (messages.size === 0 ? EMPTY_SECOND_MS : SECOND_MS);
    for (;;) {
      if (gone()) return [];
      const now = Date.now();
      const ready = [...messages.values()].filter(({ visibleAt }) => visibleAt <= now).slice(0, 10);
      if (ready.length === 0 && now < began + lasts()) {
        await sleep(20);
        continue;
      }
      return ready.map((message) => {
        message.receipt = randomUUID();
        message.receives += 1;
        message.visibilities.push(Number(input.VisibilityTimeout));
        message.visibleAt = now + Number(input.VisibilityTimeout) * 1_000;
        return {
          MessageId: message.id,
          ReceiptHandle: message.receipt,
          Body: message.body,
          MD5OfBody: createHash('md5').update(message.body).digest('hex'),
          Attributes: { ApproximateReceiveCount: String(message.receives) },
        };
      });
    }
  }

  function eachEntry(action: SqsAction, entries: readonly Entry[], fault: SqsFault | undefined): unknown {
    const successful: unknown[] = [];
    const failed: unknown[] = [];
    for (const { Id, ReceiptHandle, VisibilityTimeout = 0 } of entries) {
      const message = [...messages.values()].find(({ receipt }) => receipt === ReceiptHandle);
      if (fault !== undefined && 'entries' in fault) {
        failed.push({ Id, SenderFault: fault.sender, Code: fault.entries });
      } else if (message === undefined) {
        failed.push({ Id, SenderFault: true, Code: 'ReceiptHandleIsInvalid' });
      } else {
        if (action === 'DeleteMessageBatch') messages.delete(message.id);
        message.visibilities.push(VisibilityTimeout);
        message.visibleAt = Date.now() + VisibilityTimeout * 1_000;
        successful.push({ Id });
      }
    }
    return { Successful: successful, Failed: failed };
  }
  return self;
}
