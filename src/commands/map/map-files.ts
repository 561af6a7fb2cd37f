import { describeError, exitCodeOf } from '../../account/exit.ts';
import { createMeter } from '../../account/meter.ts';
import { createTally, fold } from '../../account/tally.ts';
import type { Shaping } from '../../config/shaping.ts';
import type { Context } from '../../contracts/component.ts';
import { ConfigError } from '../../contracts/errors.ts';
import type { Schema } from '../../contracts/schema.ts';
import type { Document, Outcome, Sink } from '../../contracts/types.ts';
import type { Detection } from '../../detections/detection.ts';
import { DEFAULT_RETRY } from '../../io/retry.ts';
import { createBurial } from '../../letters/burial.ts';
import type { DeadLetters } from '../../letters/dead-letters.ts';
import { restLetter, shownLetter } from '../../letters/letter.ts';
import { openPlaces } from '../../mapping/places.ts';
import { createBugs } from '../../pipeline/bugs.ts';
import { runPass } from '../../pipeline/pass.ts';
import { speakBy } from '../../redaction/spoken.ts';
import { limitsOf } from '../../session/ends.ts';
import { createLog } from '../../session/log.ts';
import { lintOwnMappings, tellProblems } from '../../session/own-mappings.ts';
import { transformOf } from '../../session/transform.ts';
import { fileSource } from '../../sources/file/index.ts';
import type { Screen } from '../../terminal/screen.ts';
import { printableJson } from '../../text/printable.ts';
import { explanationsOf } from './explanation.ts';
import { explanationText } from './explanation-text.ts';
import { leftOut } from './left-out.ts';

export interface MapOptions {
  readonly shaping: Shaping;
  readonly files: readonly string[];
  readonly schema: Schema;
  /** Explains the documents instead of printing them: on a screen, or as JSON lines without one. */
  readonly explain?: { readonly screen: Screen | undefined } | undefined;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const DELIVERED: Outcome = { fate: 'delivered' };

/**
 * Maps files to standard output; dead letters go to stderr as JSON lines. Returns the exit code: 3 if there are any, 2
 * if the operator's own mappings have problems, which are reported last.
 */
export async function mapFiles(options: MapOptions): Promise<number> {
  const { shaping, out, err } = options;
  speakBy(shaping.redaction);
  const transform = transformOf(shaping, { schema: options.schema });
  const lint = lintOwnMappings(shaping.mapping.path, options.schema, transform);
  const problems = new Set(tellProblems(lint?.problems ?? []));
  const never = new AbortController().signal;
  const context: Context = {
    log: createLog('warn'),
    meter: createMeter(),
    retry: DEFAULT_RETRY,
    abort: never,
  };
  const explain = options.explain && explaining(options, options.explain.screen);
  const sink: Sink = {
    async write(documents) {
      if (explain === undefined) out(documents.map(({ json }) => `${json.toString()}\n`).join(''));
      return documents.map(() => DELIVERED);
    },
  };
  const burial = createBurial({
    deadLetters: printed(err),
    log: context.log,
    maxPerRun: Number.POSITIVE_INFINITY,
    redactor: transform.redactor,
  });
  const bugs = createBugs(context.log);
  const tally = createTally();
  for (const path of options.files) {
    const source = await fileSource.create(
      { type: 'file', path },
      {
        ...context,
        part: async () => undefined,
        batch: { maxBytes: 2 ** 20, maxRecords: 1_000 },
        limits: limitsOf(shaping),
      },
    );
    const { error } = await runPass({
      source,
      stages: {
        ...transform,
        sink,
        burial,
        bugs,
        observe: (detection, documents) => {
          if (explain !== undefined) out(explain(detection, documents));
          for (const problem of tellProblems(lint?.look(detection, documents) ?? [])) problems.add(problem);
        },
      },
      concurrency: 1,
      stop: never,
      abort: never,
      acked: (batch) => fold(tally, batch),
    });
    if (error === undefined) continue;
    err(`${describeError(error)}\n`);
    return exitCodeOf(error, 0);
  }
  err(leftOut(tally.filters));
  if (problems.size === 0) return exitCodeOf(undefined, tally.dead_lettered);
  const error = new ConfigError([...problems].join('\n'));
  err(`${describeError(error)}\n`);
  return exitCodeOf(error, 0);
}

function explaining(
  { shaping, schema }: MapOptions,
  screen: Screen | undefined,
): (detection: Detection, documents: readonly Document[]) => string {
  const { path, cim_profile: cimProfile } = shaping.mapping;
  const places = openPlaces(path, { schema, cimProfile });
  const transform = transformOf(shaping, { schema });
  const receivedMs = Date.now();
  return (detection, documents) =>
    explanationsOf(detection, documents, { schema, places, transform, receivedMs })
      .map((one) => {
        if (screen === undefined) return `${printableJson(one)}\n`;
        const files = { common: places.common, kind: places.fileOf(detection) };
        return `${explanationText(one, screen, files)}\n`;
      })
      .join('');
}

/** Letters as lines. A letter that covers many faults of a file is printed once per batch. */
function printed(err: (text: string) => void): Pick<DeadLetters, 'write' | 'extend' | 'isExtended'> {
  return {
    async write(letters) {
      let written = 0;
      for (const letter of letters) {
        err(`${printableJson(shownLetter(letter))}\n`);
        written += 1;
      }
      return written;
    },
    async extend(origin, spans) {
      const count = spans.reduce((sum, one) => sum + one.count, 0);
      err(`${printableJson(shownLetter(restLetter(origin, spans, count, new Date().toISOString())))}\n`);
    },
    isExtended: async () => false,
  };
}
