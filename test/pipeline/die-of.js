// Loaded with `node --import`: the process dies as soon as it parses a text that contains the word, like one that runs
// out of memory or crashes in native code.
const word = process.env.DIE_OF ?? '';
const { parse } = JSON;

JSON.parse = (text, ...rest) => {
  if (word !== '' && typeof text === 'string' && text.includes(word)) {
    if (process.env.DIE_BY === 'abort') process.abort();
    process.kill(process.pid, 'SIGKILL');
    // The signal may take a moment to arrive.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_000);
  }
  return parse(text, ...rest);
};
