/** The parts of splunk-logging 0.11.1 that `logger.ts` relies on; the package has no types. */
declare module 'splunk-logging' {
  export interface PostOptions {
    url: string;
    headers: Record<string, string>;
  }
  export type Answer<Response> = (error: unknown, response?: Response, body?: unknown) => void;
  class Logger<Response = unknown> {
    constructor(config: Readonly<Record<string, string | number>>);
    error: (error: unknown, context?: unknown) => void;
    _post: (options: PostOptions, callback: Answer<Response>) => void;
    flush(callback: Answer<Response>): void;
  }
  const splunkLogging: { Logger: typeof Logger };
  export default splunkLogging;
}
