/** For tests of code that uses locks and caches: time, chance and faults that a test controls. */
export type { ChaosFault, ChaosMethod } from './chaos-fault.ts'
export { type ChaosCall, type ChaosOptions, type ChaosStore, chaosStore } from './chaos-store.ts'
export { type ManualClock, manualClock } from './manual-clock.ts'
export { seededRandom } from './seeded-random.ts'
