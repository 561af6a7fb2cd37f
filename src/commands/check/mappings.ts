import type { Route } from '../../config/route.ts';
import type { Finding } from '../../contracts/types.ts';
import type { Problem } from '../../mapping/lint/index.ts';
import { loadMappings } from '../../mapping/load.ts';
import { lintOwnMappings, tellProblems } from '../../session/own-mappings.ts';
import { sampleRecords } from '../../session/samples.ts';
import { type Transform, transformFor } from '../../session/transform.ts';

/**
 * Which mappings count: those of the package, and what the operator's own folder adds to them or replaces. What is wrong
 * with one of theirs is a failure, though it loads: its events would be refused, or be found by no search.
 */
export function* checkMappings(route: Route): Generator<Finding> {
  const { path } = route.config.mapping;
  const { kinds, own } = loadMappings(path);
  const from = path === undefined ? '' : `, with ${own.length} of ${path}`;
  yield { check: 'mappings', status: 'ok', detail: `${kinds.length} kinds are known${from}` };
  for (const file of own) {
    const verb = file.replaces ? 'replaces the one of the package' : 'is added';
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
