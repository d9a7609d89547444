import type { CacheStore, LeaseStore } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import {
  type ObservedCommand,
  STORE_OPS,
  type StoreObserver,
  type StoreOp,
} from '../store/store-observer.ts'
import type { CurrentCommand } from './current-command.ts'

type Store = LeaseStore & CacheStore

/**
 * `store`, of which each command takes several of its server's: `observer` sees it sent and answered, and
 * `current` knows it in between.
 */
export function watchedStore(
  store: Store,
  client: SimClient,
  observer: StoreObserver,
  current: CurrentCommand,
): Store {
  const watch =
    (op: StoreOp, call: (...args: unknown[]) => Promise<unknown>) =>
    async (...args: unknown[]) => {
      const { world } = client
      const command = commandOf(client, op, args)
      world.trace.add(world.nowMs, client.id, `send ${op}`, command.key, command.token)
      observer.sent(command)
      let reply: unknown
      try {
        reply = await current.run(command, () => call.apply(store, args))
        return reply
      } finally {
        const { state = '' } = (reply ?? {}) as { readonly state?: string }
        world.trace.add(world.nowMs, client.id, `got ${op}`, command.token, state)
        observer.answered(command, reply)
      }
    }
  const methods = STORE_OPS.flatMap((op) => {
    const call = store[op as keyof Store] as ((...args: unknown[]) => Promise<unknown>) | undefined
    return call ? [[op, watch(op, call)] as const] : []
  })
  return { ...store, ...Object.fromEntries(methods) }
}

/** The first argument is the request, the key, or a list of keys. */
function commandOf(
  client: SimClient,
  op: StoreOp,
  [first, second, reason]: unknown[],
): ObservedCommand {
  const sentAtMs = client.world.nowMs
  const base = { client, op, sentAtMs, timed: false }
  if (typeof first === 'string' || Array.isArray(first)) {
    const key: string = Array.isArray(first) ? first[0] : first
    const token = typeof second === 'string' ? second : ''
    return { ...base, key, token, request: { key, token, reason } }
  }
  const request = first as { readonly key: string; readonly token?: string }
  return { ...base, key: request.key, token: request.token ?? '', request }
}
