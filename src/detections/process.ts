import { isObject } from '../contracts/json.ts';
import type { Json, JsonObject } from '../contracts/types.ts';
import { isRfc3339, parseTime, toIso } from '../text/time.ts';
import { commandLine, withProgram } from './argv.ts';
import { basename, type Platform, platformOf } from './platform.ts';
import { integer, known, orNothing, text } from './scalars.ts';
import { cutText, LONGEST_TEXT } from './short-texts.ts';

/** One entry of `process_events`, cleaned: numbers are numbers, times are ISO, nothing is empty. */
export interface ProcessEvent {
  readonly pid: number | undefined;
  readonly ppid: number | undefined;
  readonly exe: string | undefined;
  readonly working_directory: string | undefined;
  /** The program first, even if the agent left it out. */
  readonly args: readonly string[] | undefined;
  readonly command_line: string | undefined;
  /** The text as it arrived (up to nine fraction digits), if it is a date. */
  readonly timestamp: string | undefined;
  readonly event_kind: string | undefined;
  readonly enforced_protection: boolean | undefined;
  readonly target:
    | {
        readonly pid: number | undefined;
        readonly exe: string | undefined;
        readonly file: string | undefined;
        readonly is_write: boolean | undefined;
      }
    | undefined;
}

/** The event that acted (`acting.ts`), in ECS's words. */
export interface Process {
  readonly pid: number | undefined;
  readonly parent_pid: number | undefined;
  /** Only an absolute path; a bare `python3` is a name. */
  readonly executable: string | undefined;
  readonly name: string | undefined;
  readonly args: readonly string[] | undefined;
  readonly args_count: number | undefined;
  readonly command_line: string | undefined;
  readonly working_directory: string | undefined;
  /** ISO 8601, cut to milliseconds. */
  readonly start: string | undefined;
}

/** Entries that are not objects are dropped with a warning; the cap keeps a broken agent from filling an index. */
const MAX_EVENTS = 100;

export function readProcessEvents(value: Json | undefined, warnings: string[]): ProcessEvent[] | undefined {
  if (value === undefined || value === null) return undefined;
  const entries = Array.isArray(value) ? value : [value];
  const events: ProcessEvent[] = [];
  for (const entry of entries.slice(0, MAX_EVENTS)) {
    if (isObject(entry)) events.push(readEvent(entry, warnings));
    else warnings.push('bad_process_event');
  }
  if (entries.length > MAX_EVENTS) warnings.push('process_events_capped');
  return events.length === 0 ? undefined : events;
}

function readEvent(entry: JsonObject, warnings: string[]): ProcessEvent {
  const armour = isObject(entry.armour_event_process) ? entry.armour_event_process : undefined;
  const file = isObject(armour?.file_info) ? armour.file_info : undefined;
  const pid = integer(entry.pid, 'pid', warnings);
  const currentPid = integer(file?.current_pid, 'pid', warnings);
  if (pid !== undefined && currentPid !== undefined && pid !== currentPid) warnings.push('pid_mismatch');
  const exe = known(entry.exe);
  const directory = text(entry.working_directory);
  const target = file === undefined ? undefined : readTarget(file, warnings);
  const platform = platformOf(exe, directory, target?.file, target?.exe);
  const { args, command_line } = readArguments(entry.arguments, exe, platform);
  return {
    pid: pid ?? currentPid,
    ppid: integer(entry.ppid, 'ppid', warnings),
    exe,
    working_directory: directory,
    args,
    command_line,
    timestamp: readTimestamp(entry.timestamp, warnings),
    event_kind: text(armour?.armour_event_kind),
    enforced_protection:
      typeof armour?.enforced_protection === 'boolean' ? armour.enforced_protection : undefined,
    target,
  };
}

function readTarget(file: JsonObject, warnings: string[]): ProcessEvent['target'] {
  return orNothing({
    pid: integer(file.target_pid, 'target_pid', warnings),
    exe: known(file.target_exe),
    file: text(file.target_file),
    is_write: typeof file.is_write === 'boolean' ? file.is_write : undefined,
  });
}

/** A list is argv; a single string is a command line that cannot be split reliably. */
function readArguments(
  value: Json | undefined,
  exe: string | undefined,
  platform: Platform | undefined,
): Pick<ProcessEvent, 'args' | 'command_line'> {
  if (typeof value === 'string') return { args: undefined, command_line: text(value) };
  if (!Array.isArray(value) || value.length === 0) return NO_ARGUMENTS;
  const listed = value.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
  const args = withProgram(listed, exe);
  return { args, command_line: cutText(commandLine(args, platform), LONGEST_TEXT) };
}

const NO_ARGUMENTS = { args: undefined, command_line: undefined };

function readTimestamp(value: Json | undefined, warnings: string[]): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const ms = parseTime(value);
  if (ms === undefined) {
    warnings.push('bad_process_timestamp');
    return undefined;
  }
  return typeof value === 'string' && isRfc3339(value) ? value : toIso(ms);
}

/** The fields of an event that ECS has. */
export function toProcess(event: ProcessEvent): Process {
  const absolute = /^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(event.exe ?? '');
  const start = event.timestamp === undefined ? undefined : parseTime(event.timestamp);
  return {
    pid: event.pid,
    parent_pid: event.ppid,
    executable: absolute ? event.exe : undefined,
    name: (event.exe === undefined ? '' : basename(event.exe)) || undefined,
    args: event.args,
    args_count: event.args?.length,
    command_line: event.command_line,
    working_directory: event.working_directory,
    start: start === undefined ? undefined : toIso(start),
  };
}
