import { availableParallelism } from 'node:os';

const { ELASTICSEARCH_URL, FULL, S3_ENDPOINT, HEC_URL } = process.env;

export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // These take minutes each: only CI and `npm run test:full` run them.
  testPathIgnorePatterns: ['/node_modules/', ...(FULL === '1' ? [] : ['\\.long\\.test\\.ts$'])],
  extensionsToTreatAsEsm: ['.ts'],
  setupFiles: ['<rootDir>/test/realm.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' } },
    ],
  },
  reporters: ['<rootDir>/test/skips-reporter.js', 'default'],
  // One more than there are cores, since some suites wait. Suites with real servers share them and run one after another.
  maxWorkers: ELASTICSEARCH_URL || S3_ENDPOINT || HEC_URL ? 1 : availableParallelism() + 1,
  // For tests that hang, not for slow ones: the machine may be busy.
  testTimeout: 120_000,
};
