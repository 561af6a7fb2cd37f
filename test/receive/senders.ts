import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { QUICK_START } from '../quick-start.ts';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** The built program as a receiver that can be killed and started again. */
export interface Killable {
  start(): void;
  /** Ends it at once, whatever it is doing. */
  kill(): Promise<void>;
  /** Ends it in order; its exit code. */
  stop(): Promise<number | null>;
}

export function killable(args: readonly string[], log: (text: string) => void): Killable {
  let child: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child === undefined) return null;
    const closed = once(child, 'close');
    child.kill(signal);
    const [code] = (await closed) as [number | null];
    child = undefined;
    return code;
  };
  return {
    start() {
      child = spawn(process.execPath, [...QUICK_START, CLI, 'receive', ...args], {
        env: { ...process.env, NODE_OPTIONS: '' },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      child.stderr?.setEncoding('utf8').on('data', log);
    },
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  };
}

export interface SendingOptions {
  /** Each sender goes on with the next of them, in turn. */
  readonly ports: readonly number[];
  readonly secret: string;
  readonly bodies: readonly string[];
  readonly senders: number;
  /** Called with how many were accepted so far. */
  readonly accepted?: (count: number) => void;
}

/**
 * Posts each body once: what got no answer is not sent again. While nobody listens nothing is sent. Gives which of them
 * were answered with 2xx.
 */
export async function sendAll({
  ports,
  secret,
  bodies,
  senders,
  accepted = () => undefined,
}: SendingOptions): Promise<Set<number>> {
  const done = new Set<number>();
  const agent = new Agent({ keepAlive: true, maxSockets: senders });
  let next = 0;
  const sender = async (): Promise<void> => {
    for (let at = next++; at < bodies.length; at = next++) {
      let status: number | 'nobody' | 'broken';
      do {
        status = await post(agent, ports[at % ports.length] ?? 0, secret, bodies[at] ?? '');
        if (status === 'nobody') await sleep(20);
      } while (status === 'nobody');
      if (typeof status === 'number' && status < 300) accepted(done.add(at).size);
    }
  };
  await Promise.all(Array.from({ length: senders }, sender));
  agent.destroy();
  return done;
}

function post(
  agent: Agent,
  port: number,
  secret: string,
  body: string,
): Promise<number | 'nobody' | 'broken'> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${secret}`, 'content-length': Buffer.byteLength(body) };
    const sent = request(
      { agent, port, host: '127.0.0.1', path: '/webhook', method: 'POST', headers },
      (answer) => {
        answer.resume().on('error', () => undefined);
        resolve(answer.statusCode ?? 'broken');
      },
    );
    sent.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ECONNREFUSED' ? 'nobody' : 'broken'),
    );
    sent.end(body);
  });
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
