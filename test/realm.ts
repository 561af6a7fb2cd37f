import { types } from 'node:util';

/**
 * jest runs tests in a realm of their own, where an error from Node itself is no `instanceof Error`; libraries that ask
 * (the AWS SDK does, and throws away the code of what it then takes for no error) would behave as they never do outside.
 */
Object.defineProperty(Error, Symbol.hasInstance, {
  value(this: unknown, value: unknown): boolean {
    if (this === Error && types.isNativeError(value)) return true;
    return Function.prototype[Symbol.hasInstance].call(this as typeof Error, value);
  },
});
