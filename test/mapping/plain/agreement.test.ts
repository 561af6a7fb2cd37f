import { expect, it, test } from '@jest/globals';
import { SCHEMAS, type Schema } from '../../../src/contracts/schema.ts';
import type { Json } from '../../../src/contracts/types.ts';
import type { Detection } from '../../../src/detections/detection.ts';
import { compileMapper } from '../../../src/mapping/mapper.ts';
import { DEFAULT_MAPPER, type MapperOptions } from '../../../src/mapping/options.ts';
import { CIM_PROFILES } from '../../../src/mapping/schemas/cim/profile.ts';
import { randomOf } from '../../bench/generate.ts';
import { rows, sized } from '../../full.ts';
import { createMaker } from '../../hostile/fuzz/records.ts';
import { readPayloads } from '../../hostile/fuzz/samples.ts';
import { textOf, treeOf } from '../../hostile/fuzz/tree.ts';
import { decodeRecords, detectionOf, MAPPINGS, originFrom, readSamples } from '../samples.ts';
import { PLAIN } from './writer.ts';

/** The generated writer and the plain one produce the same bytes, in every schema, profile and option. */

/** What an operator adds, with characters that JSON must escape and values that mean nothing. */
const ADDED: Partial<MapperOptions> = {
  tags: ['backfill', '"quoted"\n', '-'],
  labels: { team: 'é ☃ 𝄞', none: 'unknown', long: 'l'.repeat(300) },
  quiet: true,
  preserveOriginal: true,
  namespace: 'prod',
};
const VARIANTS: { readonly [Name in Schema]: readonly Partial<MapperOptions>[] } = {
  ecs: [{}, ADDED],
  cim: CIM_PROFILES.flatMap((cimProfile) => [{ cimProfile }, { cimProfile, ...ADDED }]),
};
const variants = SCHEMAS.flatMap((schema) =>
  VARIANTS[schema].map((over) => {
    const options = { ...DEFAULT_MAPPER, ...over, schema };
    return { schema, options, map: compileMapper(MAPPINGS, options) };
  }),
);

/** Documents on which the two differ, with their payload. Documents are read only when all of them are written. */
function differences(
  detections: readonly Detection[],
  { schema, options, map }: (typeof variants)[number],
): object[] {
  const written = detections.map((detection) => ({ detection, documents: map(detection) }));
  return written.flatMap(({ detection, documents }) => {
    const generated = documents.map(({ json }) => json.toString());
    const plain = PLAIN[schema](MAPPINGS, options, detection);
    if (generated.join('\n') === plain.join('\n')) return [];
    return [{ schema, options, generated, plain, payload: detection.payload }];
  });
}

const samples = readSamples();

test.each(samples)('for $name', ({ detections }) => {
  expect(variants.flatMap((variant) => differences(detections, variant))).toEqual([]);
});

const ODD = Array.from('\u0000\t\u001f "\\~\u007f\u0080\u009f\u00a0é\ud800\ufffd𝄞\u2028');

it.each([0, 1, 30, 31, 32, 300])('for texts of %i letters and an unusual one', (letters) => {
  const detections = ODD.map((odd) => {
    const text = 'x'.repeat(letters) + odd;
    const twins = { [`${text}\u0001`]: 1, [`${text}\u0002`]: 2, [`${text}\ufffd (2)`]: 3 };
    return detectionOf({
      id: 'Reverse-Shell',
      name: text,
      owner: text,
      ps_args: [text, '-', ''],
      new: twins,
    });
  });
  expect(variants.flatMap((variant) => differences(detections, variant))).toEqual([]);
});

it.each(rows(1, ['-', '(null)', '(none)']))('for %j in every place', (nothing) => {
  const detections = samples.flatMap((sample) =>
    sample.detections.map(({ payload }) => {
      const entries = Object.entries(payload).map(([key, value]) => [
        key,
        typeof value === 'string' && key !== 'id' && key !== 'type' ? nothing : value,
      ]);
      return detectionOf(Object.fromEntries(entries));
    }),
  );
  expect(variants.flatMap((variant) => differences(detections, variant))).toEqual([]);
});

/** Values a member may have instead of what the vendor sends: the same text in another shape, or nothing. */
const SHAPES: Readonly<Record<string, (value: Json) => Json>> = {
  'a list of itself': (value) => [value],
  'an object with it': (value) => ({ value }),
  'its text': (value) => (typeof value === 'string' ? value : JSON.stringify(value)),
  'a number': (value) => Number(/\d+$/.exec(JSON.stringify(value).slice(0, 40))?.[0] ?? 1),
  'a switch': () => true,
  'no text': () => '',
  'the word undefined': () => 'undefined',
  null: () => null,
};
/** One variant leaves top-level event values out of the payload; the other reads the payload's own paths. */
const [inEcs, inCim] = [
  variants.find(({ schema }) => schema === 'ecs'),
  variants.find(({ schema }) => schema === 'cim'),
] as [(typeof variants)[number], (typeof variants)[number]];
/** The first of each kind has all the members of the kind, and each member has to be tested only once. */
const members = new Map(
  samples.flatMap((sample) =>
    sample.detections.slice(0, 1).flatMap(({ payload, profile }) =>
      Object.keys(payload)
        .filter((member) => member !== 'id' && member !== 'type')
        .map((member) => [`${member} ${profile.dataset} ${profile.group}`, { member, payload }] as const),
    ),
  ),
);

it.each(rows(1, Object.entries(SHAPES)))('for a payload in which one member is %s', (_, shaped) => {
  const detections = [...members.values()].flatMap(({ member, payload }) => {
    const other = { ...payload, [member]: shaped(payload[member] as Json) };
    const { [member]: __, ...without } = payload;
    // If a member is gone, a value combined from it and another must not count as already written.
    return [other, without].map((one) => detectionOf(one));
  });
  for (const variant of [inEcs, inCim]) expect(differences(detections, variant)).toEqual([]);
});

/** The profiles differ in what comes with the payload: for large payloads two variants are enough. */
const large = variants.filter(({ schema, options }) => schema === 'cim' && options.cimProfile === 'best_fit');
const warningsOf = (detection: Detection): (string | undefined)[] =>
  large.flatMap(({ map }) => map(detection).map(({ warning }) => warning));

/** Around each limit of the rule: for a name, for a member, and for all members. */
it.each([
  ['a member', { a: 'a'.repeat(8_190), b: 'b'.repeat(8_191), c: 'x'.repeat(900_000) }],
  ['half a pair', { a: `${'a'.repeat(8_190)}𝄞${'a'.repeat(900_000)}` }],
  ['a list and an object', { a: Array(20_000).fill('-'), b: { c: 'x'.repeat(850_000) } }],
  ['a name', { ['k'.repeat(101)]: 1, ['n'.repeat(100)]: 2, a: 'x'.repeat(900_000) }],
  ['all', Object.fromEntries(Array.from({ length: 130 }, (_, nth) => [`k${nth}`, 'é'.repeat(4_000)]))],
])('for an event that is too long, cut at %s', (_, payload) => {
  const detection = detectionOf({ id: 'Reverse-Shell', ...payload });
  expect(warningsOf(detection)).toEqual(large.map(() => 'payload_cut'));
  expect(large.flatMap((variant) => differences([detection], variant))).toEqual([]);
});

it('for the longest event that is kept complete, and for one that is a byte longer', () => {
  const [plainest] = large;
  const sized = (length: number): Detection =>
    detectionOf({ id: 'Brand-New', run_id: '1', pad: 'x'.repeat(length) });
  const around = 100_000 - (plainest?.map(sized(100_000))[0]?.json.length ?? 0);
  const detections = [900_000 + around, 900_001 + around].map(sized);
  expect(detections.map((one) => warningsOf(one)[0])).toEqual([undefined, 'payload_cut']);
  expect(large.flatMap((variant) => differences(detections, variant))).toEqual([]);
});

const KINDS = [...MAPPINGS.kinds, MAPPINGS.unknown].map(({ detection }) => detection);
const GENERATED = sized(5_000, 300);
const SEED = 15;

/** The detections in fuzzed records, exported and from our own API source. */
function* fuzzed(): Generator<Detection, void, undefined> {
  const kinds = samples.flatMap(({ detections }) => detections.map(({ payload }) => treeOf(payload)));
  const make = createMaker([...readPayloads(), ...kinds], randomOf(SEED));
  for (let nth = 0; ; nth += 1) {
    const { tree = null } = make(nth, false);
    const origin = { ...originFrom(nth % 5 === 0 ? 'api' : 'file'), uri: 'fuzz' };
    for (const { entries } of decodeRecords([{ text: textOf(tree), origin, offset: nth }], nth))
      for (const entry of entries) if ('detection' in entry) yield entry.detection;
  }
}

it(`for ${GENERATED} detections unlike anything in an export`, () => {
  const detections = fuzzed();
  const counts = new Map<string, number>();
  for (let nth = 0; nth < GENERATED; ) {
    for (const variant of variants) {
      const some = Array.from(
        { length: Math.min(25, GENERATED - nth) },
        () => detections.next().value as Detection,
      );
      nth += some.length;
      for (const { profile } of some) counts.set(profile.kind, (counts.get(profile.kind) ?? 0) + 1);
      expect(differences(some, variant)).toEqual([]);
    }
  }
  // 300 are too few to cover every kind, and each new kind makes that less likely.
  expect(counts.size).toBeGreaterThanOrEqual(sized(KINDS.length, KINDS.length / 2));
  expect(Math.min(...counts.values())).toBeGreaterThan(sized(variants.length, 0));
});
