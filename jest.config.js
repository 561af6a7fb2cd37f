export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  setupFiles: ['<rootDir>/test/realm.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' } },
    ],
  },
  reporters: ['<rootDir>/test/skips-reporter.js', 'default'],
  // jest's own choice is one core fewer than there are. Real servers are shared: their suites run one after another.
  maxWorkers: process.env.ELASTICSEARCH_URL || process.env.S3_ENDPOINT || process.env.HEC_URL ? 1 : '100%',
  // What is stuck, not what is slow: the machine may have other things to do.
  testTimeout: 120_000,
};
