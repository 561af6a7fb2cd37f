import * as z from 'zod';

export const fileStateSchema = z.strictObject({
  type: z.literal('file').describe('State in a local folder.'),
  path: z
    .string()
    .min(1)
    .describe('Folder; created if missing. Needs hard links, which local file systems and NFS support.'),
});

export type FileStateOptions = z.output<typeof fileStateSchema>;
