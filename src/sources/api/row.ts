import { createHash } from 'node:crypto';
import { isObject } from '../../contracts/json.ts';
import type { Json, JsonObject } from '../../contracts/types.ts';
import type { Status } from './kinds.ts';

/**
 * The one key we add to a payload. Nothing else of it is ours, and a payload that brings the key loses it: only this
 * source may speak under it.
 */
const OURS = 'stepsecurity_siem';

/** One row of a list, as far as this source cares. */
export interface Row {
  /** Eight bytes as a latin-1 string: which row. */
  readonly key: string;
  /** Six bytes as a latin-1 string: which occurrence of it; a later run rewrites the row with another. */
  readonly occurrence: string;
  readonly status: Status;
  /** The detection in the shape the export gives it. */
  readonly body: JsonObject;
  /** What goes under our key, if anything. */
  readonly ours: JsonObject;
}

/** So many bytes of SHA-256 over the values, as a latin-1 string (a character per byte: a cheap key of a Map). */
export function digest(bytes: number, values: readonly Json[]): string {
  return createHash('sha256').update(JSON.stringify(values)).digest().toString('latin1', 0, bytes);
}

/**
 * A row of the detections list. The list addresses a row by (`workflow_id`, `detection`); where that says too little
 * (the vendor's own example holds the bare type in `detection`), the finding's subject joins the key, and a row
 * without either is told apart by its run: a row too many is a duplicate, a row too few is lost.
 */
export function detectionRow(raw: unknown, kind: string, status: Status, owner: string | undefined): Row {
  if (!isObject(raw)) {
    // Decoding will dead-letter it; it must be told once, like any other.
    const body: JsonObject = { id: kind, value: raw as Json };
    return { key: digest(8, ['?', kind, raw as Json]), occurrence: digest(6, []), status, body, ours: {} };
  }
  const body = withoutOurs(raw);
  const ours: JsonObject = {};
  if (typeof body.id !== 'string' || body.id === '' || body.id.includes('#')) {
    // The vendor's example gives `owner#repo#workflow#run#type#…` where the export gives the type.
    if (body.id !== undefined) ours.row_id = body.id;
    body.id = kind;
  }
  if (owner !== undefined && !body.owner) body.owner = owner;
  if (status === 'suppressed') body.is_suppressed = true;
  if (status === 'resolved') body.is_resolved = true;
  return { key: keyOf(body), occurrence: occurrenceOf(body), status, body, ours };
}

/** A payload cannot speak under our key. */
export function withoutOurs(raw: JsonObject): JsonObject {
  const { [OURS]: _, ...body } = raw;
  return body;
}

function keyOf(body: JsonObject): string {
  const { owner, workflow_id, workflow_path, detection, id } = body;
  const workflow = workflow_id || (workflow_path && `${text(body.repo)}/${text(workflow_path)}`);
  if (!workflow || !detection) {
    return digest(8, ['loose', owner ?? null, id ?? null, detection ?? null, occurrenceOf(body)]);
  }
  const subject = detection === id ? [body.endpoint, body.host, body.path, body.file].map(text) : [];
  return digest(8, [text(owner), text(workflow), text(detection), ...subject]);
}

/** `event_id` is left out: whether it is stable from one reading to the next is not known. */
function occurrenceOf(body: JsonObject): string {
  return digest(6, [body.run_id, body.run_attempt, body.job_id, body.timestamp].map(text));
}

/** The row as the JSON text of a record; `more` joins what is under our key. */
export function textOf(row: Row, more: JsonObject = {}): string {
  const ours = { ...row.ours, ...more };
  return JSON.stringify(Object.keys(ours).length === 0 ? row.body : { ...row.body, [OURS]: ours });
}

/** Numbers and digit strings are the same id; null, absent and empty are the same nothing. */
export function text(value: Json | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
