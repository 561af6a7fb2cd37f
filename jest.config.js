import { availableParallelism } from 'node:os';

const { ELASTICSEARCH_URL, FULL, S3_ENDPOINT, HEC_URL } = process.env;

export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // Minutes each: CI takes them, and `npm run test:full`.
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
  // One more than there are cores: some suites wait. Real servers are shared: their suites run one after another.
  maxWorkers: ELASTICSEARCH_URL || S3_ENDPOINT || HEC_URL ? 1 : availableParallelism() + 1,
  // What is stuck, not what is slow: the machine may have other things to do.
  testTimeout: 120_000,
};
