import type { AcquireRequest, PushedGrant } from '../../../src/index.ts'
import type { LeaseState, QueuedWaiter } from '../../../src/spec/index.ts'
import { nowMs, type StepLeaseStore } from '../step-store.ts'

type Commands = Pick<StepLeaseStore, 'acquire' | 'release' | 'leave'>

/** Carries out a command as if nobody waited. */
export async function withoutQueue<Name extends keyof Commands>(
  store: StepLeaseStore,
  key: string,
  name: Name,
  request: Parameters<Commands[Name]>[0],
): Promise<Awaited<ReturnType<Commands[Name]>>> {
  const { queue } = store.stateOf(key)
  const places = [...queue]
  if (name === 'leave') queue.delete(request.token)
  else queue.clear()
  const waiting = name === 'leave' ? [...queue] : places
  queue.clear()
  const reply = await (store[name] as (given: typeof request) => Promise<never>)(request)
  for (const [token, place] of waiting) queue.set(token, place)
  return reply
}

/** All pushes go through `push`. */
export function pushing(
  store: StepLeaseStore,
  push: (tell: (grant: PushedGrant) => void, grant: PushedGrant) => void,
): Pick<StepLeaseStore, 'onGrant'> {
  const tellOnce = new Set<string>()
  return {
    onGrant(subscriber, listener) {
      const tell = (grant: PushedGrant) => listener.granted(grant)
      return store.onGrant(subscriber, {
        ...listener,
        granted(grant) {
          // A push to others comes back here.
          if (tellOnce.has(grant.token)) return tell(grant)
          tellOnce.add(grant.token)
          push(tell, grant)
        },
      })
    },
  }
}

/** A push that the store itself would not send. */
export function pushTo(store: StepLeaseStore, { key, token, waiter }: AcquireRequest): void {
  const times = { enqueuedAtMs: nowMs(), grantedAtMs: nowMs() }
  const { subscriber = '', grantMs = 0 } = waiter ?? {}
  store.push(subscriber, { key, token, fence: 1, remainingMs: grantMs, ...times })
}

/** The same, with another TTL of its push. */
export function withGrantMs(request: AcquireRequest, grantMs: number): AcquireRequest {
  if (!request.waiter) return request
  return { ...request, waiter: { ...request.waiter, grantMs } }
}

type Places = [token: string, place: QueuedWaiter][]

/** The queue in another order. */
export function reorder({ queue }: LeaseState, order: (places: Places) => Places): void {
  const places = order([...queue])
  queue.clear()
  for (const [token, place] of places) queue.set(token, place)
}
