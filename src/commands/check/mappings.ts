import type { Route } from '../../config/route.ts';
import type { Finding } from '../../contracts/types.ts';
import type { Problem } from '../../mapping/lint/index.ts';
import { loadMappings } from '../../mapping/load.ts';
import { lintOwnMappings, tellProblems } from '../../session/own-mappings.ts';
import { sampleRecords } from '../../session/samples.ts';
import { type Transform, transformFor } from '../../session/transform.ts';

/**
 * Which mappings are in effect: the built-in ones, and those the operator's own folder adds or replaces. A problem in
 * one of the operator's files is a failure even though the file loads: its events would be refused, or no search would
 * find them.
 */
export function* checkMappings(route: Route): Generator<Finding> {
  const { path } = route.config.mapping;
  const { kinds, own } = loadMappings(path);
  const from = path === undefined ? '' : `, with ${own.length} of ${path}`;
  yield { check: 'mappings', status: 'ok', detail: `${kinds.length} kinds are known${from}` };
  for (const file of own) {
    const verb = file.replaces ? 'replaces the built-in file' : 'is added';
    yield { check: 'mappings', status: 'ok', detail: `${file.name} of ${path} ${verb}` };
  }
  const transform = transformFor(route);
  const lint = lintOwnMappings(path, route.sink.shape.schema, transform);
  if (lint === undefined) return;
  const problems = [...lint.problems, ...problemsOfSamples(transform, lint.look)];
  for (const detail of tellProblems(problems)) yield { check: 'mappings', status: 'failed', detail };
}

function problemsOfSamples({ decode, map }: Transform, look: Look): Problem[] {
  return [...decode(sampleRecords(), Date.now())].flatMap(({ entries }) =>
    [...entries].flatMap((entry) =>
      'detection' in entry ? look(entry.detection, map(entry.detection)) : [],
    ),
  );
}

type Look = NonNullable<ReturnType<typeof lintOwnMappings>>['look'];
