export type { Asked, Breach, Calls, Found, Kind, Outcome, Tenancy, Unknown } from './calls.ts'
export { check } from './check.ts'
export { type Claim, claimsOf } from './claim.ts'
export type { CountName, Counts } from './counts.ts'
export type { Expectations } from './expectations.ts'
export { groupBy } from './group-by.ts'
export { History } from './history.ts'
export { openRecorder } from './open-recorder.ts'
export type { Operation } from './operation.ts'
export { parseHistory } from './parse-history.ts'
export { readHistory } from './read-history.ts'
export { recordLocks } from './record-locks.ts'
export { recordStore } from './record-store.ts'
export { type Pending, Recorder, type RecorderOptions } from './recorder.ts'
export { sharedClock } from './shared-clock.ts'
export {
  type CommandDice,
  entryCommands,
  leaseCommands,
  type StoreCommand,
} from './store-commands.ts'
export type { Verdict, Violation } from './verdict.ts'
