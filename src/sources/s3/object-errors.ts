import { type AwsFailure, awsError, classify } from '../../aws/errors.ts';
import { ConfigError } from '../../contracts/errors.ts';
import {
  ObjectChangedError,
  ObjectGoneError,
  type ObjectRef,
  ObjectUnreadableError,
} from '../../objects/object.ts';
import { printable } from '../../text/printable.ts';

/** If this many GETs were refused and none succeeded, the objects are not the cause. */
const REFUSALS = 20;

/** Distinguishes what an error affects: this object, all of them, or just this moment. */
export interface ObjectErrors {
  /** A GET returned content. */
  succeeded(): void;
  /** The error to throw in place of one thrown by a GET of `ref`, or by reading its body. */
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
          `get ${printable(ref.uri)}: ${failure.reason}; the same for all ${refused} tried. Allow s3:GetObject on the bucket and kms:Decrypt on its key`,
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

/** What an XML listing makes of a character that XML cannot represent. */
const GARBLED = /[\u0000-\u001f\ufffd]/;

/** If the listing garbled the key, a missing object says nothing about the one that was listed. */
function gone(error: unknown, ref: ObjectRef): Error {
  if (!GARBLED.test(ref.key)) return new ObjectGoneError(printable(ref.uri), { cause: error });
  const reason = "its key has a character that this server's listing does not reproduce; rename the object";
  return new ObjectUnreadableError({ code: 'object_unreadable', reason }, { cause: error });
}

function concernsThisObject({ kind, code }: AwsFailure): boolean {
  if (kind === 'denied' || kind === 'archived') return true;
  // S3's codes for an object encrypted with a customer's own key, and for other problems with KMS.
  return kind === 'config' && /^(?:KMS\.|InvalidRequest$|InvalidArgument$)/.test(code);
}
