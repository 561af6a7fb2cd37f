/** What a first configuration contains. Paths are absolute. */
export interface Answers {
  readonly source: SourceAnswers;
  readonly sink: SinkAnswers;
  /** Folder of the checkpoint; a shared source needs a bucket for its letters instead. */
  readonly state: string;
}

export type SourceAnswers =
  | {
      readonly type: 's3';
      readonly bucket: string;
      readonly region: string | undefined;
      readonly endpoint: string | undefined;
      readonly prefixes: readonly string[];
      readonly start: string;
    }
  | { readonly type: 'api'; readonly owners: readonly string[]; readonly keyFile: string }
  | { readonly type: 'file'; readonly path: string };

export type SinkAnswers =
  | { readonly type: 'elasticsearch'; readonly url: string; readonly keyFile: string }
  | { readonly type: 'splunk_hec'; readonly url: string; readonly tokenFile: string };
