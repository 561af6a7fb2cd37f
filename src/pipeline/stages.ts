import type { Document, Sink } from '../contracts/types.ts';
import type { Detection } from '../detections/detection.ts';
import type { Burial } from '../letters/burial.ts';
import type { Transform } from '../session/transform.ts';
import type { LateTransform } from '../session/when-needed.ts';
import type { Bugs } from './bugs.ts';
import type { Limiter } from './limiter.ts';
import type { LookUps } from './look-ups.ts';

/** The steps of a batch between source and ack. */
export interface Stages
  extends Pick<Transform, 'decode' | 'filter' | 'map'>,
    Partial<Pick<LateTransform, 'ready' | 'pages' | 'bounds' | 'runs' | 'redactor'>> {
  /** Comes before `decode`. Absent if there is no API to ask. */
  readonly lookUp?: LookUps;
  readonly sink: Sink;
  /** Absent in a dry run, where dead letters are only counted. */
  readonly burial?: Burial;
  /** Handles a record for which one of the stages above throws. */
  readonly bugs: Bugs;
  readonly limiter?: Limiter;
  /** Is shown every detection that will be sent, for `--dry-run` and the demo. */
  readonly observe?: (detection: Detection, documents: readonly Document[]) => void;
}
