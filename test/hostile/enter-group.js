import { writeFileSync } from 'node:fs';

/** Loaded into the program before its own code: it enters a control group, as the process of a container would be in one. */
writeFileSync(process.env.MEMORY_GROUP, String(process.pid));
