import type { Json, JsonObject } from '../contracts/types.ts';
import { type Acting, actingOf } from './acting.ts';
import { type Container, containerOf, readContainer } from './container.ts';
import type { Endpoint } from './endpoint.ts';
import { readFarEnd } from './far-end.ts';
import { type HttpRequest, isHttp, readHttp } from './http.ts';
import { type Platform, platformOf } from './platform.ts';
import { type ProcessEvent, readProcessEvents } from './process.ts';
import { text } from './scalars.ts';
import { type Target, targetOf } from './target.ts';
import type { Tool } from './tool.ts';

/** Facts derived from arguments, URLs and paths. */
export interface Derived {
  readonly events: readonly ProcessEvent[] | undefined;
  readonly acting: Acting | undefined;
  readonly endpoint: Endpoint | undefined;
  readonly http: HttpRequest | undefined;
  readonly target: Target | undefined;
  readonly filePath: string | undefined;
  readonly container: Container | undefined;
  readonly platform: Platform | undefined;
}

interface Reading {
  /** Whether to derive a reverse shell's far end from its arguments. */
  readonly destination: boolean;
  readonly tool: Tool | undefined;
  /** The processes as they arrived, if those in the payload may be cut. */
  readonly processes: Json | undefined;
}

export function derive(
  payload: JsonObject,
  id: string,
  { destination, tool, processes }: Reading,
  warnings: string[],
): Derived {
  const events = readProcessEvents(payload.process_events, warnings);
  const whole = processes === undefined ? events : readProcessEvents(processes, []);
  const acting = actingOf(events, id, whole);
  const calls = isHttp(payload);
  const endpoint = readFarEnd(payload, acting, destination, warnings);
  const http = calls ? readHttp(payload, endpoint, warnings) : undefined;
  const filePath = calls
    ? undefined
    : (text(payload.path) ??
      acting?.event.target?.file ??
      touchedBy(events) ??
      text(payload.file) ??
      acting?.memory);
  return {
    events,
    acting,
    endpoint,
    http,
    target: targetOf(http),
    filePath,
    container: readContainer(acting?.event) ?? containerOf(tool?.image),
    platform: platformOf(...pathsOf(acting?.event), filePath, tool?.name),
  };
}

/**
 * What a document may say: texts from the redacted payload (`written`), and from the unredacted one (`seen`) the
 * facts that must not be hidden by making them look like a secret. If one of those contains a token, e.g. a host
 * name, the token is masked.
 */
export function withoutSecrets(written: Derived, seen: Derived, redact: (text: string) => string): Derived {
  const at = seen.acting === undefined ? -1 : (seen.events?.indexOf(seen.acting.event) ?? -1);
  const event = written.events?.[at];
  return {
    events: written.events,
    acting:
      event === undefined ? written.acting : { event, farEnd: undefined, shell: false, memory: undefined },
    endpoint: seen.endpoint && maskedEndpoint(seen.endpoint, redact),
    http: seen.http && maskedRequest(written.http ?? seen.http, seen.http, redact),
    target: seen.target && {
      owner: redact(seen.target.owner),
      repository: seen.target.repository && redact(seen.target.repository),
    },
    filePath: seen.http === undefined ? (written.filePath ?? undefined) : undefined,
    container: seen.container && maskedContainer(seen.container, redact),
    platform: seen.platform,
  };
}

function maskedEndpoint({ sinkhole, ...seen }: Endpoint, redact: (text: string) => string): Endpoint {
  const endpoint = sinkhole === undefined ? seen : { ...seen, sinkhole: redact(sinkhole) };
  const { domain } = endpoint;
  const raw = endpoint.raw && redact(endpoint.raw);
  if (domain === undefined || endpoint.raw === undefined) return { ...endpoint, raw };
  // In its original case: most tokens are not recognizable in lower case.
  const at = endpoint.raw.toLowerCase().indexOf(domain);
  const written = at === -1 ? domain : endpoint.raw.slice(at, at + domain.length);
  const clean = redact(written);
  if (clean === written) return { ...endpoint, raw };
  return { ...endpoint, raw, address: clean, domain: clean, dns_name: endpoint.dns_name && clean };
}

/** Path, query and the full URL are redacted; method, scheme and port are kept as seen. */
function maskedRequest(
  written: HttpRequest,
  seen: HttpRequest,
  redact: (text: string) => string,
): HttpRequest {
  const { method, scheme, port } = seen;
  const [domain, path, query, fragment, original, full] = [
    seen.domain,
    written.path,
    written.query,
    written.fragment,
    written.original,
    // For a whole URL, the redacted one: anything outside its host may be part of its password.
    written.original !== undefined && /^https?:/i.test(written.original) ? written.original : seen.full,
  ].map((part) => part && redact(part));
  return { method, scheme, port, domain, path, query, fragment, original, full };
}

function maskedContainer(container: Container, redact: (text: string) => string): Container {
  return {
    ...container,
    image_name: container.image_name && redact(container.image_name),
    image_tags: container.image_tags?.map((tag) => redact(tag)),
  };
}

/** The file that one of the processes touched. */
function touchedBy(events: readonly ProcessEvent[] | undefined): string | undefined {
  return events?.find(({ target }) => target?.file !== undefined)?.target?.file;
}

/** The paths of a process that may show its platform. */
function pathsOf(event: ProcessEvent | undefined): readonly (string | undefined)[] {
  return event === undefined
    ? NO_PATHS
    : [event.exe, event.working_directory, event.target?.file, event.target?.exe, event.args?.[0]];
}

const NO_PATHS: readonly undefined[] = [];
