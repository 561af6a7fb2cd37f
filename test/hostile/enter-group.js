import { writeFileSync } from 'node:fs';

/** Loaded into the program before its own code: enters a control group, like the process of a container. */
writeFileSync(process.env.MEMORY_GROUP, String(process.pid));
