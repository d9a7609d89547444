export { cacheStoreFromCas } from './cas/cache-store-from-cas.ts'
export { leaseStoreFromCas } from './cas/lease-store-from-cas.ts'
export { type CancelTimer, type Clock, systemClock } from './clock.ts'
export type { Answer } from './contract/answer.ts'
export type {
  CacheFacts,
  CacheStore,
  CommitRequest,
  CompareAndSetReply,
  CompareAndSetRequest,
  LoadLeaseReply,
  LoadLeaseRequest,
  LoadSignal,
  SignalListener,
  StoredEntry,
  WriteReply,
  WriteRequest,
} from './contract/cache-store.ts'
export type {
  CasEntry,
  CasFacts,
  CasStore,
  CasStored,
  CasSwap,
  CasWrite,
} from './contract/cas-store.ts'
export type {
  AcquireReply,
  AcquireRequest,
  Durability,
  ExtendReply,
  ExtendRequest,
  GrantListener,
  Holder,
  Inspection,
  LeaseFacts,
  LeaseStore,
  LeaveReply,
  ListReply,
  ListRequest,
  PushedGrant,
  PushedLoss,
  ReleaseReply,
  ReleaseRequest,
  StealRequest,
  Waiter,
} from './contract/lease-store.ts'
export type { Subscription } from './contract/subscription.ts'
export type { Duration } from './duration.ts'
export {
  ConflictError,
  type ErrorCode,
  InvalidArgumentError,
  isLocksError,
  LoadFailedError,
  LoadRecursionError,
  LoadTimeoutError,
  LockLostError,
  LocksError,
  LockTimeoutError,
  type LossReason,
  StoreUnavailableError,
  StreamBrokenError,
  UnsupportedError,
} from './errors.ts'
export type { Name, NamePart } from './key.ts'
export type { AdoptOptions } from './lock/adopt.ts'
export { createLocks, type LocksOptions } from './lock/create-locks.ts'
export type { ElectOptions } from './lock/elect.ts'
export type { Lock, ReleaseOptions } from './lock/lock.ts'
export type { LockEvent, LockListener } from './lock/lock-event.ts'
export type { LockGrant } from './lock/lock-grant.ts'
export type { LockInfo, LockQuery } from './lock/lock-info.ts'
export type { LockSet } from './lock/lock-set.ts'
export type { HolderState, LockState } from './lock/lock-state.ts'
export type { Locks, QueryOptions } from './lock/locks.ts'
export type { AcquireDefaults, AcquireOptions, Fairness, LockMode } from './lock/options.ts'
export type { RequestOptions } from './lock/request-options.ts'
export type { Term } from './lock/term.ts'
export type { TraceNames } from './lock/tracing.ts'
export {
  type LockManager,
  type LockManagerOptions,
  type LockManagerSnapshot,
  lockManager,
  type ManagedLock,
  type ManagedLockInfo,
} from './lock-manager.ts'
export { type NoopStoreOptions, noopStore } from './noop-store.ts'
export { type OptimisticOptions, optimistic } from './optimistic/optimistic.ts'
export type { CasOptions, OptimisticValue } from './optimistic/optimistic-value.ts'
export { type QuorumOptions, quorum } from './quorum/quorum.ts'
export { type Random, systemRandom } from './random.ts'
