import { readFileSync } from 'node:fs';
import { packageFile } from './package.ts';

const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as {
  version: string;
};

/** Version of this program. */
export const VERSION = version;
