import { writeFileSync } from 'node:fs';
import { peakMiB } from '../bench/peak.js';

/** Loaded into the program before its own code: at its end it writes down the most memory that it had resident. */
process.once('exit', () => writeFileSync(process.env.PEAK_FILE, String(peakMiB())));
