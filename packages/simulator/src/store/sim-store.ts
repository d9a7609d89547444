import type {
  AcquireRequest,
  CacheStore,
  CommitRequest,
  CompareAndSetRequest,
  ExtendRequest,
  LeaseStore,
  LoadLeaseRequest,
  ReleaseRequest,
  StealRequest,
  WriteRequest,
} from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { Network } from '../net/network.ts'
import type { PushOptions } from '../push/push-line.ts'
import type { SimServer } from './sim-server.ts'
import type { ObservedCommand, StoreObserver, StoreOp } from './store-observer.ts'
import { StoreParcel } from './store-parcel.ts'

/** What a client's store stands on. */
export interface StoreContext {
  readonly client: SimClient
  readonly server: SimServer
  readonly network: Network
  readonly observer: StoreObserver
  readonly storeTimeoutMs: number
  readonly pushes: PushOptions
}

/** The store as one client reaches it: every command goes over the network. */
export class SimStore implements LeaseStore, CacheStore {
  readonly facts = {
    ttlResolutionMs: 1,
    clock: true,
    durability: 'process',
    fencing: true,
    exclusive: true,
    valueBytesMax: 1_000_000,
  } as const
  protected readonly context: StoreContext
  #closed = false

  constructor(context: StoreContext) {
    this.context = context
  }

  protected get server(): SimServer {
    return this.context.server
  }

  acquire(request: AcquireRequest) {
    const { lease } = this.server.steps
    return this.send('acquire', request, true, () =>
      this.server.runLease(request.key, (state, env) => lease.acquire(state, request, env)),
    )
  }

  steal(request: StealRequest) {
    return this.send('steal', request, true, () => this.server.steal(request))
  }

  extend(request: ExtendRequest) {
    const { lease } = this.server.steps
    return this.send('extend', request, true, () =>
      this.server.runLease(request.key, (state, env) => lease.extend(state, request, env)),
    )
  }

  release(request: ReleaseRequest) {
    const { lease } = this.server.steps
    return this.send('release', request, false, () =>
      this.server.runLease(request.key, (state, env) => lease.release(state, request, env)),
    )
  }

  inspect(key: string) {
    const { lease } = this.server.steps
    return this.send('inspect', { key }, false, () =>
      this.server.runLease(key, (state, env) => lease.inspect(state, env)),
    )
  }

  read(keys: readonly string[]) {
    const { cache } = this.server.steps
    const [key = ''] = keys
    return this.send('read', { key }, false, () =>
      keys.map((each) => cache.read(this.server.cache(each), this.server.nowMs)),
    )
  }

  lease(request: LoadLeaseRequest) {
    const { cache } = this.server.steps
    return this.send('lease', request, true, () => {
      return cache.lease(this.server.cache(request.key), request, this.server.nowMs)
    })
  }

  renew(key: string, token: string, leaseMs: number) {
    const { cache } = this.server.steps
    return this.send('renew', { key, token }, false, () => {
      return cache.renew(this.server.cache(key), token, leaseMs, this.server.nowMs)
    })
  }

  commit(request: CommitRequest) {
    const { cache } = this.server.steps
    return this.send('commit', request, false, () => {
      return cache.commit(
        this.server.cache(request.key),
        request,
        this.server.nowMs,
        this.server.signalOf(request.key),
      )
    })
  }

  fail(key: string, token: string, reason: string, keepMs: number) {
    const { cache } = this.server.steps
    const request = { key, token, reason }
    return this.send('fail', request, false, () => {
      const signal = this.server.signalOf(key)
      cache.fail(this.server.cache(key), token, reason, keepMs, this.server.nowMs, signal)
    })
  }

  write(request: WriteRequest) {
    const { cache } = this.server.steps
    return this.send('write', request, true, () => {
      return cache.write(
        this.server.cache(request.key),
        request,
        this.server.nowMs,
        this.server.signalOf(request.key),
      )
    })
  }

  compareAndSet(request: CompareAndSetRequest) {
    const { cache } = this.server.steps
    return this.send('compareAndSet', request, true, () => {
      return cache.compareAndSet(
        this.server.cache(request.key),
        request,
        this.server.nowMs,
        this.server.signalOf(request.key),
      )
    })
  }

  /** Each key as a command of its own: a store may spread them. */
  async remove(keys: readonly string[], options?: { readonly announce?: boolean }) {
    const removed = await Promise.all(keys.map((key) => this.#remove(key, options?.announce)))
    return removed.reduce((sum, count) => sum + count, 0)
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  #remove(key: string, announce: boolean | undefined): Promise<number> {
    const { cache } = this.server.steps
    return this.send('remove', { key }, false, () => {
      const state = this.server.cache(key)
      const signal = this.server.signalOf(key)
      return cache.remove(state, this.server.nowMs, signal, announce) ? 1 : 0
    })
  }

  protected send<Reply>(
    op: StoreOp,
    request: { readonly key: string; readonly token?: string },
    guardable: boolean,
    run: () => Reply,
  ): Promise<Reply> {
    if (this.#closed) return Promise.reject(new Error('the client is closed'))
    const { client, observer, storeTimeoutMs } = this.context
    const { key, token = '' } = request
    const sentAtMs = client.world.nowMs
    const timed = client.knowsStoreTime
    const command: ObservedCommand = { client, op, key, token, sentAtMs, timed, request }
    const parcel = new StoreParcel(command, run, guardable, observer, storeTimeoutMs)
    return this.context.network.send(client, parcel)
  }
}
