import type { AcquireRequest, ExtendRequest, ReleaseRequest } from '@locks/core'
import type { SimClient } from '../../fleet/sim-client.ts'
import type { World } from '../../time/world.ts'
import type { Bug, SimulatedStore } from '../bug.ts'
import { override } from '../override.ts'

const LEASE_STEP = 'core/src/spec/lease-step.ts'
const LEASE_RULE = 'core/src/spec/lease-rule.ts'
const NOBODY = { holders: [] }

/** Wrong mechanism: what an adapter or its server does. */
export const storeBugs: readonly Bug[] = [
  {
    name: 'delNoToken',
    about: 'a release removes whoever holds the lock',
    where: 'locks',
    breaks: ['P1'],
    patches: [
      {
        file: LEASE_STEP,
        search: `const released = state.holders.delete(request.token)
    const grants = grantFromHead(state, env)
    return { reply: { state: released ?`,
        replace: `const released = state.holders.size > 0
    state.holders.clear()
    const grants = grantFromHead(state, env)
    return { reply: { state: released ?`,
      },
    ],
    plan: { names: 1 },
  },
  {
    name: 'getThenDel',
    about: 'a release reads the token and then removes whatever is there by then',
    where: 'locks',
    breaks: ['P1', 'renewal', 'grace'],
    patches: [],
    store: (store) =>
      override(store, {
        async release({ key, token }: ReleaseRequest) {
          const { holders } = await store.inspect(key)
          if (!holders.some((holder) => holder.token === token)) return { state: 'absent' }
          const [victim] = (await store.inspect(key)).holders
          return victim ? store.release({ key, token: victim.token }) : { state: 'absent' }
        },
      }),
    faults: { slow: 0.3 },
    plan: { names: 1, ttlMs: [50, 400], request: 0 },
  },
  {
    name: 'setThenExpire',
    about: 'the TTL is set by a second command, after the acquire',
    where: 'locks',
    breaks: ['P3'],
    patches: [],
    store: (store) =>
      override(store, {
        async acquire(request: AcquireRequest) {
          const reply = await store.acquire({ ...request, ttlMs: 2 ** 40 })
          if (reply.state !== 'granted') return reply
          await store.extend(request)
          return { ...reply, remainingMs: request.ttlMs }
        },
      }),
  },
  {
    name: 'getsetTakeover',
    about: 'who finds a lease over by its own wall clock removes it, to take it with the next try',
    where: 'locks',
    // Who has lost it so goes on with a token that somebody else has released.
    breaks: ['P1', 'P5', 'renewal', 'P2'],
    patches: [],
    store: (store, client) =>
      override(store, {
        async acquire(request: AcquireRequest) {
          const reply = await store.acquire(request)
          const { holders } = reply.state === 'held' ? await store.inspect(request.key) : NOBODY
          const [holder] = holders
          if (!holder || holder.remainingMs > client.wallOffsetMs) return reply
          await store.release({ key: request.key, token: holder.token })
          return reply
        },
      }),
    faults: { wallJumpsMax: 2 },
    plan: { names: 1, queue: true },
  },
  {
    name: 'extendIgnoresReply',
    about: 'an extend that is answered is taken for one that was done',
    where: 'locks',
    breaks: ['P1'],
    patches: [],
    store: (store) =>
      override(store, {
        async extend(request: ExtendRequest) {
          await store.extend(request)
          return { state: 'extended', remainingMs: request.ttlMs }
        },
      }),
    // Somebody else has it, which nothing but the reply tells.
    plan: { names: 1, renew: 1, extend: 0.5, steal: 0.4, queue: false },
  },
  {
    name: 'notIdempotent',
    about: 'a repeated acquire is refused because of its own token',
    where: 'locks',
    breaks: ['P2'],
    patches: [
      {
        file: LEASE_STEP,
        search: 'const mine = state.holders.get(token)',
        replace: `const mine = undefined
    if (state.holders.has(token)) return only({ state: 'held', remainingMs: 1, storeNowMs })`,
      },
    ],
    faults: { resend: 0.3 },
    plan: { ttlMs: [2000, 8000] },
  },
  {
    name: 'roundDown',
    about: 'the TTL is cut to whole seconds',
    where: 'locks',
    breaks: ['P1'],
    patches: [
      {
        file: LEASE_RULE,
        search: 'untilMs: grantedAtMs + remainingMs }',
        replace: 'untilMs: grantedAtMs + Math.floor(remainingMs / 1000) * 1000 }',
      },
      {
        file: LEASE_STEP,
        search: 'fences, untilMs: storeNowMs + ttlMs }',
        replace: 'fences, untilMs: storeNowMs + Math.floor(ttlMs / 1000) * 1000 }',
      },
    ],
    plan: { ttlMs: [1000, 4000] },
  },
  {
    name: 'fenceResets',
    about: 'the counter of fences ends with the lease',
    where: 'locks',
    breaks: ['P6'],
    patches: [
      {
        file: LEASE_RULE,
        search: 'const fence = Math.max(state.fence + 1, env.nowUs)',
        replace: 'const fence = state.holders.size + 1',
      },
    ],
  },
  {
    name: 'fenceBefore',
    about: 'the fence is minted before the grant, by a command of its own',
    where: 'locks',
    breaks: ['P6'],
    patches: [],
    store: (store, client) => mintingFirst(store, client),
    faults: { slow: 0.2, reorders: true },
    plan: { names: 1, clients: 4 },
  },
  {
    name: 'fenceFromClient',
    about: 'the fence is the wall clock of the client',
    where: 'locks',
    breaks: ['P6'],
    patches: [],
    store: (store, client) =>
      override(store, {
        async acquire(request: AcquireRequest) {
          const reply = await store.acquire(request)
          if (reply.state !== 'granted') return reply
          return { ...reply, fence: Math.round(client.clock.wall() * 1000) }
        },
      }),
    faults: { wallJumpsMax: 2 },
  },
]

const counters = new WeakMap<World, number>()

function mintingFirst(store: SimulatedStore, { world }: SimClient) {
  return override(store, {
    async acquire(request: AcquireRequest) {
      const fence = (counters.get(world) ?? 0) + 1
      counters.set(world, fence)
      const reply = await store.acquire(request)
      return reply.state === 'granted' ? { ...reply, fence } : reply
    },
  })
}
