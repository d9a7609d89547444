/** The public proof of a store: suites of both ports for any test runner. */
export { type CacheConformanceOptions, cacheStoreConformance } from './cache-store-conformance.ts'
export type { HolderProgram } from './holder-program.ts'
export { type LeaseConformanceOptions, leaseStoreConformance } from './lease-store-conformance.ts'
export { runHolder } from './run-holder.ts'
export type { Runner, RunnerTest } from './runner.ts'
