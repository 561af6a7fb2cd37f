import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { routeOf } from '../../src/config/route.ts';
import { configSchema } from '../../src/config/schema.ts';
import { spoolPlace } from '../../src/config/spool.ts';
import type { Log } from '../../src/contracts/types.ts';
import { closeReceiver, openReceiver, type Receiver } from '../../src/receive/receiver.ts';
import { openSpool } from '../../src/receive/spool/open.ts';
import type { Spool } from '../../src/receive/spool/spool.ts';
import { openSession } from '../../src/session/session.ts';

export interface Receiving {
  readonly folder: string;
  readonly spool: string;
  readonly secret: string;
  readonly port: number;
  readonly url: string;
  readonly status: string;
  readonly receiver: Receiver;
  /** The log: fields and sentence. */
  readonly logged: [Record<string, unknown>, string][];
  /** Posts a body with the secret. */
  readonly post: (body: string | Buffer, headers?: Record<string, string>) => Promise<Response>;
  /** The content of every file in the spool, in the order of their names. */
  readonly stored: () => string[];
}

export interface ReceivingOptions {
  /** The section `receive`, over what a test needs. */
  readonly receive?: Record<string, unknown>;
  readonly config?: Record<string, unknown>;
  /** Instead of the folder. */
  readonly wrap?: (spool: Spool) => Spool;
  readonly env?: NodeJS.ProcessEnv;
}

/** A receiver in this process, on free ports, with its own folder. */
export async function receiving<T>(
  work: (receiving: Receiving) => Promise<T>,
  { receive = {}, config = {}, wrap = (spool) => spool, env = {} }: ReceivingOptions = {},
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'receive-'));
  const path = join(folder, 'spool');
  const secret = randomBytes(16).toString('hex');
  writeFileSync(join(folder, 'secret'), `${secret}\n`);
  const logged: Receiving['logged'] = [];
  const say = (fields: Record<string, unknown>, sentence: string): void =>
    void logged.push([fields, sentence]);
  const log: Log = { debug: say, info: say, warn: say, error: say };
  const tree = {
    source: { type: 'file', path },
    sink: { type: 'ndjson', path: join(folder, 'out') },
    state: { type: 'file', path: join(folder, 'state') },
    receive: {
      listen: '127.0.0.1:0',
      status_listen: '127.0.0.1:0',
      secret_files: [join(folder, 'secret')],
      ...receive,
    },
    ...config,
  };
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(tree));
  const whole = configSchema.parse(tree);
  const opened = openSession(routeOf(whole));
  const session = { ...opened, context: { ...opened.context, log } };
  const options = whole.receive;
  if (options === undefined) throw new Error('no section receive');
  try {
    const { spool } = await openSpool(
      spoolPlace(whole.source, options),
      options.spool_bytes,
      session.context,
    );
    const receiver = await openReceiver({ session, options, spool: wrap(spool), env });
    const port = Number(receiver.senders.split(':').at(-1));
    const url = `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/webhook`;
    try {
      return await work({
        folder,
        spool: path,
        secret,
        port,
        url,
        status: `http://${receiver.status}`,
        receiver,
        logged,
        post: (body, headers = {}) =>
          fetch(url, { method: 'POST', body, headers: { authorization: `Bearer ${secret}`, ...headers } }),
        stored: () => filesIn(path).map((file) => readFileSync(file, 'utf8')),
      });
    } finally {
      receiver.server.closeAllConnections();
      await closeReceiver(receiver, new AbortController().signal);
      spool.close?.();
    }
  } finally {
    opened.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The files in a spool, except those being written. */
export function filesIn(spool: string): string[] {
  return readdirSync(spool, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('@tmp'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/**
 * Sends bytes over a new connection, and returns the reply when the connection is closed, or when this many answers
 * have come and no more follow.
 */
export function converse(
  port: number,
  pieces: readonly Buffer[],
  { answers, pauseMs = 0 }: { readonly answers: number; readonly pauseMs?: number },
): Promise<{ readonly text: string; readonly closed: boolean }> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const left = [...pieces];
    let text = '';
    let timer: NodeJS.Timeout | undefined;
    const end = (closed: boolean): void => {
      clearTimeout(timer);
      clearInterval(pacer);
      socket.destroy();
      resolve({ text, closed });
    };
    const wait = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => end(false), statusesIn(text).length < answers ? 5_000 : 25);
    };
    const pacer = setInterval(() => {
      const piece = left.shift();
      if (piece === undefined) clearInterval(pacer);
      else if (socket.writable) socket.write(piece);
    }, pauseMs);
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      wait();
    });
    socket.on('error', () => undefined).on('close', () => end(true));
    wait();
  });
}

/** The statuses of all answers in a text. */
export function statusesIn(text: string): number[] {
  return [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
}
