import type { Bug } from '../bug.ts'

const LEASE_STEP = 'core/src/spec/lease-step.ts'
const LEASE_RULE = 'core/src/spec/lease-rule.ts'

/** Wrong mechanism: what a server of level 2 does. */
export const queueStepBugs: readonly Bug[] = [
  {
    name: 'barging',
    about: 'who asks while it is free is served before those who wait',
    where: 'locks',
    breaks: ['queue'],
    patches: [
      {
        file: LEASE_STEP,
        search: 'const grants = grantFromHead(state, env, request)\n',
        replace: `const waiting = [...state.queue]
    const free = state.holders.size === 0
    if (free) state.queue.clear()
    const grants = grantFromHead(state, env, request)
    if (free) queueMicrotask(() => waiting.forEach(([key, place]) => state.queue.set(key, place)))
`,
      },
    ],
    faults: { crash: 0.4 },
    plan: { queue: true, names: 1, clients: 5 },
  },
  {
    name: 'grantsToDead',
    about: 'a waiter is granted although its subscriber is gone',
    where: 'locks',
    breaks: ['queue'],
    patches: [
      {
        file: LEASE_RULE,
        search: 'isOwn || env.alive(waiter.subscriber)',
        replace: 'isOwn || waiter.subscriber.length > 0',
      },
    ],
    faults: { crash: 0.4, dropsMax: 3 },
    plan: { queue: true, names: 1, clients: 4 },
  },
  {
    name: 'lastComeFirstServed',
    about: 'the queue serves the youngest first',
    where: 'locks',
    breaks: ['queue'],
    patches: [
      {
        file: LEASE_RULE,
        search: 'for (const [token, waiter] of state.queue) {',
        replace: 'for (const [token, waiter] of [...state.queue].reverse()) {',
      },
    ],
    plan: { queue: true, names: 1, clients: 4 },
  },
  {
    name: 'repeatLosesPlace',
    about: 'who asks again goes to the end of the queue',
    where: 'locks',
    breaks: ['queue'],
    patches: [
      {
        file: LEASE_STEP,
        search: 'else if (!state.queue.has(token)) {',
        replace: 'else {\n      state.queue.delete(token)',
      },
    ],
    faults: { dropsMax: 3 },
    plan: { queue: true, names: 1, clients: 5 },
  },
  {
    name: 'leaveKeepsPlace',
    about: 'a leave ends the lease alone',
    where: 'locks',
    breaks: ['P2', 'queue'],
    patches: [
      {
        file: LEASE_STEP,
        search: 'const left = state.queue.delete(request.token)',
        replace: 'const left = state.queue.has(request.token)',
      },
    ],
    plan: { queue: true, names: 1, clients: 4 },
  },
]
