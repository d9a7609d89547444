import type {
  CommitRequest,
  CompareAndSetReply,
  CompareAndSetRequest,
  LoadLeaseReply,
  LoadLeaseRequest,
  LoadSignal,
  StoredEntry,
  WriteReply,
  WriteRequest,
} from '../contract/cache-store.ts'
import type { CacheState } from './cache-state.ts'

/** Told of what became of a load, in the step in which it became it. */
export type Signal = (signal: LoadSignal) => void
const nobody: Signal = () => {}

/**
 * The cache semantics, once: every store must answer as these functions do.
 *
 * Value and lease live apart, so that electing and renewing never touch the value. Who writes or
 * removes drops the lease with it, and a commit needs the lease: that is the whole fence.
 *
 * Deterministic like `leaseStep`: `state` belongs to the step and is changed in place.
 */
export const cacheStep = {
  read(state: CacheState, nowMs: number): StoredEntry | undefined {
    settle(state, nowMs)
    return state.entry && { version: state.entry.version, data: state.entry.data }
  },

  lease(state: CacheState, request: Omit<LoadLeaseRequest, 'key'>, nowMs: number): LoadLeaseReply {
    settle(state, nowMs)
    const storeNowMs = nowMs
    if (isLate(request, nowMs)) return { state: 'late', storeNowMs }
    const { token, leaseMs, seen, awaited } = request
    const { entry, lease } = state
    if (entry && entry.version !== seen) {
      return { state: 'fresh', entry: { version: entry.version, data: entry.data }, storeNowMs }
    }
    if (awaited !== undefined && lease?.failed?.token === awaited) {
      return { state: 'failed', reason: lease.failed.reason, storeNowMs }
    }
    const vanished = seen !== undefined && !entry
    if (lease?.holder !== undefined && lease.holder !== token) {
      lease.awaited = true
      const remainingMs = lease.untilMs - nowMs
      return { state: 'lost', holder: lease.holder, remainingMs, vanished, storeNowMs }
    }
    // The reason of an earlier load stays beside the new lease: some who wait have not heard it yet.
    state.lease = { awaited: false, ...lease, holder: token, untilMs: nowMs + leaseMs }
    return { state: 'won', vanished, storeNowMs }
  },

  renew(state: CacheState, token: string, leaseMs: number, nowMs: number): boolean {
    settle(state, nowMs)
    if (state.lease?.holder !== token) return false
    state.lease.untilMs = nowMs + leaseMs
    return true
  },

  commit(
    state: CacheState,
    request: Omit<CommitRequest, 'key'>,
    nowMs: number,
    signal = nobody,
  ): boolean {
    settle(state, nowMs)
    const { lease } = state
    if (lease?.holder !== request.token) return false
    put(state, request, nowMs)
    if (lease.awaited) signal({ type: 'filled', token: request.token })
    if (request.announce) signal({ type: 'changed' })
    return true
  },

  fail(
    state: CacheState,
    token: string,
    reason: string,
    keepMs: number,
    nowMs: number,
    signal = nobody,
  ): void {
    settle(state, nowMs)
    const { lease } = state
    if (lease?.holder !== token) return
    delete state.lease
    if (!lease.awaited) return
    state.lease = { awaited: false, failed: { token, reason }, untilMs: nowMs + keepMs }
    signal({ type: 'failed', token, reason })
  },

  write(
    state: CacheState,
    request: Omit<WriteRequest, 'key'>,
    nowMs: number,
    signal = nobody,
  ): WriteReply {
    settle(state, nowMs)
    if (isLate(request, nowMs)) return { state: 'late', storeNowMs: nowMs }
    voidLease(state, signal)
    put(state, request, nowMs)
    if (request.announce) signal({ type: 'changed' })
    return { state: 'written', storeNowMs: nowMs }
  },

  compareAndSet(
    state: CacheState,
    request: Omit<CompareAndSetRequest, 'key'>,
    nowMs: number,
    signal = nobody,
  ): CompareAndSetReply {
    settle(state, nowMs)
    if (isLate(request, nowMs)) return { state: 'late', storeNowMs: nowMs }
    const { expected, token } = request
    const version = state.entry?.version
    if (version !== token) {
      if (version !== expected) {
        return { state: 'conflict', ...(version !== undefined && { version }), storeNowMs: nowMs }
      }
      voidLease(state, signal)
      put(state, request, nowMs)
      if (request.announce) signal({ type: 'changed' })
    }
    return { state: 'written', version: token, storeNowMs: nowMs }
  },

  remove(state: CacheState, nowMs: number, signal = nobody, announce = false): boolean {
    settle(state, nowMs)
    const existed = state.entry !== undefined
    delete state.entry
    voidLease(state, signal)
    if (announce) signal({ type: 'changed' })
    return existed
  },
}

function settle(state: CacheState, nowMs: number): void {
  if (state.entry && state.entry.untilMs <= nowMs) delete state.entry
  if (state.lease && state.lease.untilMs <= nowMs) delete state.lease
}

/** Told even if nobody waits in the store: callers in the loader's own process have joined its load. */
function voidLease(state: CacheState, signal: Signal): void {
  const token = state.lease?.holder
  delete state.lease
  if (token !== undefined) signal({ type: 'voided', token })
}

function put(state: CacheState, request: Omit<CommitRequest, 'key'>, nowMs: number): void {
  const { token, data, ttlMs } = request
  state.entry = { version: token, data, untilMs: nowMs + ttlMs }
  delete state.lease
}

const isLate = (request: { readonly notAfterMs?: number }, nowMs: number): boolean =>
  request.notAfterMs !== undefined && nowMs > request.notAfterMs
