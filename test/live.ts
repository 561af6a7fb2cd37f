import { setMaxListeners } from 'node:events';

/**
 * The signal of a run that nobody stops. As in the program, any number of requests may listen to it at the same time.
 */
export const live = new AbortController().signal;
setMaxListeners(0, live);
