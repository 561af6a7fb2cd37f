import { setMaxListeners } from 'node:events';

/** The signal of a run that nobody stops. As in the program, any number of requests may listen to it at once. */
export const live = new AbortController().signal;
setMaxListeners(0, live);
