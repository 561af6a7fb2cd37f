import type { Document } from '../contracts/types.ts';
import type { Detection } from '../detections/detection.ts';
import { cutPayload } from './cut-payload.ts';
import { type Mapper, toDocument } from './document.ts';
import { reasonOf } from './ecs.ts';
import type { Mappings } from './load.ts';
import type { MapperOptions } from './options.ts';
import type { Pages } from './pages.ts';
import { constant, type Value } from './rule.ts';
import type { KindFile } from './schema.ts';
import { putVerbatim } from './text.ts';
import { type Writer, writerCompiler } from './writer.ts';

interface Writers {
  readonly alert: Writer;
  readonly activity?: Writer;
}

/**
 * Compiles the CIM side. CIM fields stand first and the vendor's payload last, under one key: Splunk reads only the first
 * 10,240 characters of an event at search time (`maxchars` of `[kv]` in limits.conf).
 */
export function compileCim(mappings: Mappings, options: MapperOptions, pages: Pages): Mapper {
  const compileWriter = writerCompiler(pages);
  const reason = reasonOf(mappings);
  const writers = new Map<string, Writers>();
  for (const file of [...mappings.kinds, mappings.unknown])
    writers.set(file.detection, compileKind(mappings, file, options, reason, compileWriter));
  return (detection) => {
    const { alert, activity } = writers.get(detection.profile.kind) as Writers;
    const first = fitted(detection, alert);
    // A change of state is no second observation of the activity.
    if (activity === undefined || detection.change !== undefined) return [first];
    return [first, toDocument(detection, activity(detection), 'activity')];
  };
}

/**
 * Bytes of one event: Splunk cuts what is longer than the add-on's TRUNCATE, in the middle of the JSON, and many receivers
 * take no request of more than 1 MB.
 */
const MOST_BYTES = 900_000;

/** An event that receivers take: of the payload of one too long, what is long is cut, and a warning says so. */
function fitted(detection: Detection, write: Writer): Document {
  const json = write(detection);
  if (json.length <= MOST_BYTES) return toDocument(detection, json);
  const warnings = [...detection.warnings, CUT];
  const short = write({ ...detection, payload: cutPayload(detection.payload), warnings });
  return { ...toDocument(detection, short), warning: CUT };
}

const CUT = 'payload_cut';

/** The vendor's payload as it came, behind where it came from. */
const VENDOR: Value = {
  put: (detection, out) => {
    putVerbatim(out, { origin: detection.origin, ...detection.payload });
    return true;
  },
};

function compileKind(
  mappings: Mappings,
  file: KindFile,
  options: MapperOptions,
  reason: Value,
  compileWriter: ReturnType<typeof writerCompiler>,
): Writers {
  const { common } = mappings;
  const model = options.cimProfile === 'alerts_only' ? 'Alerts.Alerts' : file.cim.model;
  // A kind's own fields are those of its own model.
  const own = model === file.cim.model ? file.cim.fields : {};
  const tail = {
    tags: constant(options.tags),
    labels: constant(options.labels),
    stepsecurity: VENDOR,
  };
  const alert = compileWriter(
    { ...common.cim.fields, ...common.cim.models[model], ...own },
    { description: reason, ...tail },
  );
  if (options.cimProfile !== 'fan_out' || file.cim.activity === undefined) return { alert };
  const fields = {
    ...common.cim.activity,
    ...common.cim.models[file.cim.activity.model],
    ...file.cim.activity.fields,
  };
  return { alert, activity: compileWriter(fields) };
}
