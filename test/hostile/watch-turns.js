import { existsSync, writeFileSync } from 'node:fs';

/**
 * Loaded into the program before its own code: records, in CPU seconds, the total cost, the longest turn of the event
 * loop, and the time after a signal. As soon as the file in STOP_WHEN exists, it sends itself that signal, SIGTERM.
 */
const { TURNS_FILE, STOP_WHEN } = process.env;
const seconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

let last = seconds();
let longest = 0;
let signalled;
const look = setInterval(() => {
  const now = seconds();
  longest = Math.max(longest, now - last);
  last = now;
  if (signalled !== undefined || STOP_WHEN === undefined || !existsSync(STOP_WHEN)) return;
  signalled = now;
  process.kill(process.pid, 'SIGTERM');
}, 10);
look.unref();

process.once('exit', () => {
  const end = seconds();
  const turns = { total: end, longest: Math.max(longest, end - last), ...(signalled !== undefined && { after: end - signalled }) };
  writeFileSync(TURNS_FILE, JSON.stringify(turns));
});
