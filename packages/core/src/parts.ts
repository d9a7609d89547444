/** What the sibling packages are built from. Not for applications: it may change in any release. */
export { type BackoffLimits, backoffMs } from './backoff.ts'
export { withDeadline } from './deadline.ts'
export { toMs } from './duration.ts'
export { guarded } from './guarded.ts'
export { Interrupt } from './interrupt.ts'
export { checkPrefix, encodeName, storeKey, storeKeyPrefix } from './key.ts'
export { sleep } from './sleep.ts'
export { StoreClock } from './store-clock.ts'
