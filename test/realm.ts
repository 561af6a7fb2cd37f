import { types } from 'node:util';

/**
 * jest runs tests in a realm of their own, in which an error from Node itself is not an `instanceof Error`. Libraries
 * that check this would behave as they never do outside: the AWS SDK does, and throws away the code of what it then
 * does not recognize as an error.
 */
Object.defineProperty(Error, Symbol.hasInstance, {
  value(this: unknown, value: unknown): boolean {
    if (this === Error && types.isNativeError(value)) return true;
    return Function.prototype[Symbol.hasInstance].call(this as typeof Error, value);
  },
});
