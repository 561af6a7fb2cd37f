import { z } from 'zod';
import { MARKER } from './records.ts';

const ecs = z.object({
  event: z.object({ id: z.string(), dataset: z.string() }),
  cicd: z.object({ pipeline: z.object({ run: z.object({ id: z.string() }).optional() }) }).optional(),
  stepsecurity: z.object({ event_id: z.unknown().optional() }),
});
/** Here the payload is as it arrived. */
const cim = z.object({
  id: z.string(),
  stepsecurity: z.object({ event_id: z.unknown().optional() }).optional(),
});

/** uids shared by two documents that say they are different detections. */
export function sharedUids(lines: readonly string[]): string[] {
  const seen = new Map<string, string>();
  const shared: string[] = [];
  for (const line of lines) {
    const { uid, mark } = identityOf(JSON.parse(line));
    if (mark === undefined) continue;
    const other = seen.get(uid);
    if (other !== undefined) shared.push(`${uid}: ${other} and ${mark}`);
    seen.set(uid, mark);
  }
  return shared;
}

/** A marker that must be part of the uid: from the event id, or else from the run of a detection. */
function identityOf(document: unknown): { readonly uid: string; readonly mark: string | undefined } {
  const words = ecs.safeParse(document);
  if (!words.success) {
    const { id, stepsecurity } = cim.parse(document);
    return { uid: id, mark: markIn(stepsecurity?.event_id) };
  }
  const { event, cicd, stepsecurity } = words.data;
  const ofRun = event.dataset === 'stepsecurity.detection' ? cicd?.pipeline.run?.id : undefined;
  return { uid: event.id, mark: markIn(stepsecurity.event_id ?? ofRun) };
}

function markIn(text: unknown): string | undefined {
  return typeof text !== 'string' ? undefined : text.match(MARKER)?.find((marker) => marker === text);
}
