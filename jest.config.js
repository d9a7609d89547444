/**
 * One Jest for the whole repository: ES modules, straight from the TypeScript sources.
 *
 * `@locks/source` is the first condition in every package's `exports`, so tests of one package
 * see the sources of the others and nothing has to be built first.
 */
export default {
  roots: [
    '<rootDir>/packages',
    '<rootDir>/docs',
    '<rootDir>/examples',
    '<rootDir>/benchmarks',
    '<rootDir>/scripts',
  ],
  testMatch: ['**/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironmentOptions: {
    customExportConditions: ['@locks/source', 'node', 'node-addons'],
  },
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript' },
          target: 'es2022',
          transform: { verbatimModuleSyntax: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  globalSetup: '<rootDir>/scripts/global-setup.mjs',
  reporters: ['default', '<rootDir>/scripts/plain-line-reporter.mjs'],
  cacheDirectory: '<rootDir>/.cache/jest',
  // Most tests wait for a server or a clock, not for the processor.
  maxWorkers: '100%',
  // ES modules of a test file are never collected: a worker that has run many is slow, and begins anew.
  workerIdleMemoryLimit: '800MB',
  // For what never ends. A machine that is slow, or paused, must not fail a test.
  testTimeout: 180_000,
}
