import type { Argv, CommandModule } from 'yargs';
import { withExamples } from '../examples.ts';
import { STANDARD_FILE } from '../flags.ts';
import type { Start } from './offer.ts';
import type { InitFlags } from './questions.ts';

const text = { type: 'string', requiresArg: true } as const;

/** `start` runs the commands that are offered once everything is written. */
export const initCommand = (start: Start): CommandModule<object, InitFlags> => ({
  command: 'init',
  describe: 'Write a first configuration from flags and, in a terminal, questions',
  builder: (args: Argv) =>
    withExamples(
      args
        .option('output', {
          ...text,
          default: STANDARD_FILE,
          describe: 'Where to write it; never overwrites an existing file',
        })
        .option('s3', { ...text, describe: 'Read from a bucket: s3://bucket/prefix/', group: 'Source:' })
        .option('region', { ...text, describe: 'AWS region of the bucket', group: 'Source:' })
        .option('endpoint', {
          ...text,
          describe: 'An S3-compatible service instead of AWS',
          group: 'Source:',
        })
        .option('start', { ...text, describe: 'beginning, now, or a time', group: 'Source:' })
        .option('owner', {
          type: 'string',
          array: true,
          nargs: 1,
          requiresArg: true,
          describe: 'Poll the API for this organization',
          group: 'Source:',
        })
        .option('stepsecurity-key-file', {
          ...text,
          describe: 'File with the StepSecurity API key',
          group: 'Source:',
        })
        .option('file', { ...text, describe: 'Read a file, folder or glob', group: 'Source:' })
        .option('elasticsearch', { ...text, describe: 'Write to this Elasticsearch URL', group: 'Sink:' })
        .option('api-key-file', { ...text, describe: 'File with the Elasticsearch API key', group: 'Sink:' })
        .option('splunk', { ...text, describe: 'Write to this Splunk HEC URL', group: 'Sink:' })
        .option('token-file', { ...text, describe: 'File with the HEC token', group: 'Sink:' })
        .option('state', { ...text, describe: 'Folder of the state' }),
      ['asks for what it needs', '$0 init'],
      [
        'asks for the rest; without a terminal, uses the defaults',
        '$0 init --s3 s3://example/logs/ --elasticsearch https://es:9200',
      ],
    ),
  handler: async (flags) => {
    const { answersOf } = await import('./questions.ts');
    const { openDialogue } = await import('../dialogue.ts');
    const { keyFilesOf, nextSteps, refuseToOverwrite, writeConfiguration } = await import('./init.ts');
    const { absentOf, offer, takeSecrets } = await import('./offer.ts');
    const { printText } = await import('../print-text.ts');
    refuseToOverwrite(flags.output);
    const dialogue = openDialogue();
    try {
      const answers = await answersOf(flags, dialogue?.ask);
      const path = await writeConfiguration(answers, flags.output);
      printText(`Wrote ${path} (mode 600).`);
      const files = keyFilesOf(answers);
      if (dialogue !== undefined) await takeSecrets(files, dialogue);
      const absent = await absentOf(files);
      const config = flags.output === STANDARD_FILE ? [] : ['--config', flags.output];
      for (const line of nextSteps(answers, config, absent)) printText(line);
      if (dialogue !== undefined && absent.length === 0)
        await offer(answers.sink.type, ['--config', path], dialogue, start);
    } finally {
      dialogue?.close();
    }
  },
});
