import type {
  AcquireRequest,
  CacheStore,
  CommitRequest,
  ExtendRequest,
  LeaseStore,
  LoadLeaseRequest,
  ReleaseRequest,
  WriteRequest,
} from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { Network } from '../net/network.ts'
import type { SimServer } from './sim-server.ts'
import type { ObservedCommand, StoreObserver, StoreOp } from './store-observer.ts'
import { StoreParcel } from './store-parcel.ts'

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
  readonly #client: SimClient
  readonly #server: SimServer
  readonly #network: Network
  readonly #observer: StoreObserver
  readonly #storeTimeoutMs: number
  #closed = false

  constructor(
    client: SimClient,
    server: SimServer,
    network: Network,
    observer: StoreObserver,
    storeTimeoutMs: number,
  ) {
    this.#client = client
    this.#server = server
    this.#network = network
    this.#observer = observer
    this.#storeTimeoutMs = storeTimeoutMs
  }

  acquire(request: AcquireRequest) {
    const { lease } = this.#server.steps
    return this.#send('acquire', request, true, () => {
      return lease.acquire(this.#lease(request), request, this.#server.environment).reply
    })
  }

  extend(request: ExtendRequest) {
    const { lease } = this.#server.steps
    return this.#send('extend', request, true, () => {
      return lease.extend(this.#lease(request), request, this.#server.environment).reply
    })
  }

  release(request: ReleaseRequest) {
    const { lease } = this.#server.steps
    return this.#send('release', request, false, () => {
      return lease.release(this.#lease(request), request, this.#server.environment).reply
    })
  }

  inspect(key: string) {
    const { lease } = this.#server.steps
    return this.#send('inspect', { key }, false, () => {
      return lease.inspect(this.#lease({ key }), this.#server.environment).reply
    })
  }

  read([key = '']: readonly string[]) {
    const { cache } = this.#server.steps
    return this.#send('read', { key }, false, () => [
      cache.read(this.#server.cache(key), this.#server.nowMs),
    ])
  }

  lease(request: LoadLeaseRequest) {
    const { cache } = this.#server.steps
    return this.#send('lease', request, true, () => {
      return cache.lease(this.#server.cache(request.key), request, this.#server.nowMs)
    })
  }

  renew(key: string, token: string, leaseMs: number) {
    const { cache } = this.#server.steps
    return this.#send('renew', { key, token }, false, () => {
      return cache.renew(this.#server.cache(key), token, leaseMs, this.#server.nowMs)
    })
  }

  commit(request: CommitRequest) {
    const { cache } = this.#server.steps
    return this.#send('commit', request, false, () => {
      return cache.commit(this.#server.cache(request.key), request, this.#server.nowMs)
    })
  }

  fail(key: string, token: string, reason: string, keepMs: number) {
    const { cache } = this.#server.steps
    return this.#send('fail', { key, token }, false, () => {
      cache.fail(this.#server.cache(key), token, reason, keepMs, this.#server.nowMs)
    })
  }

  write(request: WriteRequest) {
    const { cache } = this.#server.steps
    return this.#send('write', request, true, () => {
      return cache.write(this.#server.cache(request.key), request, this.#server.nowMs)
    })
  }

  remove([key = '']: readonly string[]) {
    const { cache } = this.#server.steps
    return this.#send('remove', { key }, false, () => {
      return cache.remove(this.#server.cache(key), this.#server.nowMs) ? 1 : 0
    })
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  #lease({ key }: { readonly key: string }) {
    return this.#server.lease(key)
  }

  #send<Reply>(
    op: StoreOp,
    request: { readonly key: string; readonly token?: string },
    guardable: boolean,
    run: () => Reply,
  ): Promise<Reply> {
    if (this.#closed) return Promise.reject(new Error('the client is closed'))
    const client = this.#client
    const { key, token = '' } = request
    const sentAtMs = client.world.nowMs
    const timed = client.knowsStoreTime
    const command: ObservedCommand = { client, op, key, token, sentAtMs, timed, request }
    const observer = this.#observer
    const parcel = new StoreParcel(command, run, guardable, observer, this.#storeTimeoutMs)
    return this.#network.send(client, parcel)
  }
}
