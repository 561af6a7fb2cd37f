import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from '@jest/globals';
import { watchFlow } from '../../src/aws/flow.ts';

it('lets go of replies that have ended, long before it looks at the others', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const watch = watchFlow({ replyMs: 600_000, idleMs: 600_000 });
  const seen: WeakRef<Readable>[] = [];
  const readOne = async (): Promise<void> => {
    const body = Readable.from(['a body']);
    watch(body);
    seen.push(new WeakRef(body));
    const closed = once(body, 'close');
    body.resume();
    await closed;
  };
  for (let count = 0; count < 2_000; count += 1) await readOne();
  await turn();
  collect();
  expect(seen.filter((one) => one.deref() !== undefined).length).toBeLessThan(500);
});
