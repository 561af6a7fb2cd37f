import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { expect, it } from '@jest/globals';
import { createBudget, readBody } from '../../src/receive/body.ts';

it('a body in many pieces is copied together: no piece is kept, however small', async () => {
  const request = new PassThrough() as PassThrough & IncomingMessage;
  const reading = readBody(request, 10_000, createBudget(10_000));
  const letters = Array.from({ length: 3_000 }, (_, n) => String.fromCharCode(97 + (n % 26)));
  for (const letter of letters) {
    const piece = Buffer.from(letter);
    request.emit('data', piece);
    piece.fill('!');
  }
  request.emit('end');
  const body = await reading;
  expect(body.is === 'whole' && body.bytes.toString()).toBe(letters.join(''));
});
