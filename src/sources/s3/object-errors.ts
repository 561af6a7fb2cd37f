import { type AwsFailure, awsError, classify } from '../../aws/errors.ts';
import { ConfigError } from '../../contracts/errors.ts';
import {
  ObjectChangedError,
  ObjectGoneError,
  type ObjectRef,
  ObjectUnreadableError,
} from '../../objects/object.ts';
import { printable } from '../../text/printable.ts';

/** When as many GETs were refused and none succeeded, it is not the objects. */
const REFUSALS = 20;

/** Told apart by whom it concerns: this object, all of them, or just this moment. */
export interface ObjectErrors {
  /** A GET was answered with content. */
  succeeded(): void;
  /** The error to throw instead of what a GET of `ref`, or the reading of its body, threw. */
  explain(error: unknown, ref: ObjectRef): unknown;
}

/** Counts for one run. */
export function createObjectErrors(): ObjectErrors {
  let succeeded = false;
  let refused = 0;
  return {
    succeeded() {
      succeeded = true;
    },
    explain(error, ref) {
      if (error instanceof ObjectChangedError || error instanceof ObjectUnreadableError) return error;
      const failure = classify(error);
      if (failure.kind === 'gone') return gone(error, ref);
      if (failure.kind === 'changed') return new ObjectChangedError(printable(ref.uri), { cause: error });
      if (!concernsThisObject(failure)) return awsError(error, `get ${printable(ref.uri)}`);
      if (failure.kind === 'denied') refused += 1;
      if (!succeeded && refused >= REFUSALS) {
        return new ConfigError(
          `get ${printable(ref.uri)}: ${failure.reason}; so were all ${refused} tried. Allow s3:GetObject on the bucket and kms:Decrypt on its key`,
          { cause: error },
        );
      }
      return new ObjectUnreadableError(
        { code: 'object_unreadable', reason: failure.reason },
        { cause: error },
      );
    },
  };
}

/** What a listing in XML made of a character that XML cannot carry. */
const GARBLED = /[\u0000-\u001f\ufffd]/;

/** A key that did not come through the listing as it is names nothing: that it is missing says nothing of the object. */
function gone(error: unknown, ref: ObjectRef): Error {
  if (!GARBLED.test(ref.key)) return new ObjectGoneError(printable(ref.uri), { cause: error });
  const reason =
    'its key holds a character that the listing of this server does not carry; rename the object';
  return new ObjectUnreadableError({ code: 'object_unreadable', reason }, { cause: error });
}

function concernsThisObject({ kind, code }: AwsFailure): boolean {
  if (kind === 'denied' || kind === 'archived') return true;
  // S3's words for an object encrypted with a customer's own key, and for any further trouble with KMS.
  return kind === 'config' && /^(?:KMS\.|InvalidRequest$|InvalidArgument$)/.test(code);
}
