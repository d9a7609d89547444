import type {
  AcquireReply,
  Answer,
  Clock,
  ExtendReply,
  GrantListener,
  LeaseStore,
  PushedGrant,
} from '@locks/core'
import type { ClusterDriver } from '../cluster-driver.ts'
import { slotOf } from '../slot.ts'
import type { OwnConnection } from './own-connection.ts'
import { type Confirm, Shard } from './shard.ts'

/** `confirm` and `confirmWithin` of the store, checked. */
export interface ConfirmSettings {
  readonly confirm: Confirm
  /** How long replicas may take to catch up, ms. */
  readonly withinMs: number
}

/** What confirmations stand on. */
export interface ConfirmParts {
  readonly driver: ClusterDriver
  readonly clock: Clock
  /** The leases of a master, by one connection to it. */
  leasesBy(connection: OwnConnection): LeaseStore
}

type Command<Reply> = (leases: LeaseStore) => Answer<Reply>

/**
 * Leases that count only when replicas have them. What takes or extends one is written on a connection
 * of its own, then waited for there, then read from the replicas; short of that it rejects, which core
 * takes for "may have happened" and undoes. Nothing is asked of a release.
 */
export class ConfirmedLeases {
  readonly #routed: LeaseStore
  readonly #settings: ConfirmSettings
  readonly #parts: ConfirmParts
  readonly #prefix: string
  readonly #shards = new Map<string, Shard>()

  constructor(routed: LeaseStore, settings: ConfirmSettings, parts: ConfirmParts) {
    this.#routed = routed
    this.#settings = settings
    this.#parts = parts
    this.#prefix = parts.driver.keyPrefix + parts.driver.clientKeyPrefix
  }

  get store(): LeaseStore {
    const routed = this.#routed
    const { onGrant } = routed
    return {
      ...routed,
      facts: { ...routed.facts, confirms: true },
      acquire: (request) => this.#take(request, (leases) => leases.acquire(request)),
      steal: (request) =>
        this.#take(request, (leases) => leases.steal?.(request) as Answer<AcquireReply>),
      extend: ({ ...request }) => {
        const { key, token, newToken } = request
        const held = { key, token: newToken ?? token }
        return this.#write(held, (leases) => leases.extend(request))
      },
      ...(onGrant && {
        onGrant: (subscriber, listener) => onGrant(subscriber, this.#confirming(listener)),
      }),
      close: async () => {
        for (const shard of this.#shards.values()) shard.close()
        this.#shards.clear()
        await routed.close?.()
      },
    }
  }

  #take(held: Held, command: Command<AcquireReply>): Promise<AcquireReply> {
    return this.#write(held, command)
  }

  async #write<Reply extends AcquireReply | ExtendReply>(
    held: Held,
    command: Command<Reply>,
  ): Promise<Reply> {
    const key = this.#prefix + held.key
    const shard = this.#shardOf(key)
    try {
      return await shard.use(async (connection) => {
        const reply = await command(this.#parts.leasesBy(connection))
        const endsAtMs = endOf(reply)
        if (endsAtMs !== undefined) {
          await shard.confirm(connection, { key, token: held.token, endsAtMs }, this.#settings)
        }
        return reply
      })
    } catch (error) {
      // A command by the caller's client finds out where the slot is now.
      const found = this.#routed.inspect(held.key).catch(() => {})
      if (!isRedirect(error)) throw error
      await found
      if (this.#shardOf(key) === shard) throw error
      return this.#write(held, command)
    }
  }

  /** A grant by a push was written by somebody else's connection: it is extended on one of ours first. */
  #confirming(listener: GrantListener): GrantListener {
    const confirm = async (grant: PushedGrant) => {
      const { key, token, remainingMs: ttlMs } = grant
      const request = { key, token, ttlMs }
      try {
        const reply = await this.#write(request, (leases) => leases.extend(request))
        if (reply.state !== 'extended') return listener.reconnected()
        listener.granted({ ...grant, grantedAtMs: reply.storeNowMs ?? grant.grantedAtMs })
      } catch {
        // Whoever waits asks again, and is told by the answer what is wrong.
        listener.reconnected()
      }
    }
    return {
      granted: (grant) => void confirm(grant),
      stolen: (loss) => listener.stolen(loss),
      disconnected: () => listener.disconnected(),
      reconnected: () => listener.reconnected(),
    }
  }

  #shardOf(key: string): Shard {
    const { driver, clock } = this.#parts
    const address = driver.masterOf(slotOf(key)) ?? ''
    let shard = this.#shards.get(address)
    if (!shard) {
      shard = new Shard(driver, address, clock)
      this.#shards.set(address, shard)
    }
    return shard
  }
}

interface Held {
  readonly key: string
  readonly token: string
}

/** When what the reply gave ends, by the clock of the server; `undefined`: it gave nothing. */
function endOf(reply: AcquireReply | ExtendReply): number | undefined {
  if (reply.state !== 'granted' && reply.state !== 'extended') return undefined
  return (reply.storeNowMs ?? 0) + reply.remainingMs
}

const isRedirect = (error: unknown): boolean =>
  error instanceof Error && /^(MOVED|ASK|READONLY|CLUSTERDOWN)\b/.test(error.message)
