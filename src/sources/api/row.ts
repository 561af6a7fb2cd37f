import { createHash } from 'node:crypto';
import { isObject } from '../../contracts/json.ts';
import type { Json, JsonObject } from '../../contracts/types.ts';
import type { Status } from './kinds.ts';

/**
 * The one key we add to a payload. Everything else in it is the vendor's, and a payload that already has this key loses
 * it: only this source may use it.
 */
const OURS = 'stepsecurity_siem';

/** One row of a list, as far as this source is concerned. */
export interface Row {
  /** Eight bytes as a latin-1 string: identifies the row. */
  readonly key: string;
  /** Six bytes as a latin-1 string: identifies the occurrence; a later run rewrites the row with another. */
  readonly occurrence: string;
  readonly status: Status;
  /** The detection in the shape of the export. */
  readonly body: JsonObject;
  /** What goes under our key, if anything. */
  readonly ours: JsonObject;
}

/** This many bytes of SHA-256 over the values, as a latin-1 string (one character per byte: a cheap Map key). */
export function digest(bytes: number, values: readonly Json[]): string {
  return createHash('sha256').update(JSON.stringify(values)).digest().toString('latin1', 0, bytes);
}

/**
 * A row of the detections list. The list identifies a row by (`workflow_id`, `detection`). If that is too little (the
 * vendor's own example has the bare type in `detection`), the finding's subject becomes part of the key, and a row
 * without either is identified by its run: one row too many is a duplicate, one too few is a loss.
 */
export function detectionRow(raw: unknown, kind: string, status: Status, owner: string | undefined): Row {
  if (!isObject(raw)) {
    // Decoding will dead-letter it, but it must be sent once, like any other.
    const body: JsonObject = { id: kind, value: raw as Json };
    return { key: digest(8, ['?', kind, raw as Json]), occurrence: digest(6, []), status, body, ours: {} };
  }
  const body = withoutOurs(raw);
  const ours: JsonObject = {};
  if (typeof body.id !== 'string' || body.id === '' || body.id.includes('#')) {
    // The vendor's example has `owner#repo#workflow#run#type#…` where the export has the type.
    if (body.id !== undefined) ours.row_id = body.id;
    body.id = kind;
  }
  if (owner !== undefined && !body.owner) body.owner = owner;
  if (status === 'suppressed') body.is_suppressed = true;
  if (status === 'resolved') body.is_resolved = true;
  return { key: keyOf(body), occurrence: occurrenceOf(body), status, body, ours };
}

/** Removes our key from a payload. */
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

/** `event_id` is left out, because it may not be stable from one reading to the next. */
function occurrenceOf(body: JsonObject): string {
  return digest(6, [body.run_id, body.run_attempt, body.job_id, body.timestamp].map(text));
}

/** The row as the JSON text of a record; `more` is added under our key. */
export function textOf(row: Row, more: JsonObject = {}): string {
  const ours = { ...row.ours, ...more };
  return JSON.stringify(Object.keys(ours).length === 0 ? row.body : { ...row.body, [OURS]: ours });
}

/** A number and a string of its digits are the same id; null, absent and empty all count as missing. */
export function text(value: Json | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
