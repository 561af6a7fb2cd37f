import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Ledger, ledgerSchema } from '../../src/account/ledger.ts';
import { openDeadLetters } from '../../src/letters/dead-letters.ts';
import type { DeadLetter } from '../../src/letters/letter.ts';
import { createFileStore } from '../../src/state/file.ts';
import { testContext } from '../contract/sink.ts';
import { runCli } from '../services/process.ts';
import type { MemoryGroup } from './memory-group.ts';
import type { Destination, Origin } from './places.ts';

const hook = (name: string): string =>
  `--import=${pathToFileURL(new URL(name, import.meta.url).pathname).href}`;

/** How one run of the real program ended. */
export interface Run {
  readonly code: number | null;
  readonly ledger: Ledger;
  readonly stderr: string;
  readonly peakMiB: number;
  readonly cpuSeconds: number;
}

export interface Program {
  readonly run: (signalAfterMs?: number) => Promise<Run>;
  readonly letters: () => Promise<DeadLetter[]>;
}

/**
 * The program with a configuration in `folder`, and its state and dead letters next to it; inside `group`, if given.
 */
export async function program(
  folder: string,
  from: Origin,
  to: Pick<Destination, 'options'>,
  more: object = {},
  group?: MemoryGroup,
): Promise<Program> {
  const config = join(folder, 'config.yaml');
  const state = { type: 'file', path: 'state' };
  // JSON is YAML.
  await writeFile(config, JSON.stringify({ source: from.options, sink: to.options, state, ...more }));
  const peakFile = join(folder, 'peak');
  return {
    async run(signalAfterMs) {
      const hooks = [...(group === undefined ? [] : [hook('enter-group.js')]), hook('peak-at-exit.js')];
      const env = {
        NODE_OPTIONS: hooks.join(' '),
        PEAK_FILE: peakFile,
        ...(group !== undefined && { MEMORY_GROUP: group.members }),
      };
      const ended = await runCli(['run', '--config', config], {
        env,
        // Its cost is measured, so it runs as it ships.
        flags: [],
        ...(signalAfterMs !== undefined && { killAfterMs: signalAfterMs, signal: 'SIGTERM' as const }),
      });
      const [peakMiB = Number.NaN, cpuSeconds = Number.NaN] = (await readFile(peakFile, 'utf8'))
        .split(' ')
        .map(Number);
      const last = ended.stdout.trimEnd().split('\n').at(-1) ?? '';
      return {
        code: ended.code,
        ledger: ledgerSchema.parse(JSON.parse(last)),
        stderr: ended.stderr,
        peakMiB,
        cpuSeconds,
      };
    },
    async letters() {
      const store = await createFileStore(
        { type: 'file', path: join(folder, 'state/dead-letters') },
        testContext(),
      );
      const found: DeadLetter[] = [];
      for await (const { letters } of openDeadLetters(store).files()) found.push(...letters);
      return found;
    },
  };
}
