/** The semantics of both ports as pure steps: what a store's author can check an adapter against. */
export type { CacheState, LoadLease } from './cache-state.ts'
export { cacheStep } from './cache-step.ts'
export {
  freeLease,
  type LeaseHolder,
  type LeaseState,
  type QueuedWaiter,
} from './lease-state.ts'
export { leaseStep } from './lease-step.ts'
export type { LeaseEnvironment, LeaseStep, StepGrant, StepLoss } from './step-types.ts'
