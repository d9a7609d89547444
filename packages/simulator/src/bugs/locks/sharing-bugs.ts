import type { Bug } from '../bug.ts'

const LEASE_STEP = 'core/src/spec/lease-step.ts'
const READINGS = 'core/src/spec/lease-readings.ts'
const LEASE_RULE = 'core/src/spec/lease-rule.ts'

/** Readers and writers, and permits: who may hold at the same time, and who is served together. */
export const sharingBugs: readonly Bug[] = [
  {
    name: 'releaseGrantsOneReader',
    about: 'a release serves the first reader, and not those behind it',
    where: 'locks',
    breaks: ['queue'],
    patches: [
      {
        file: LEASE_RULE,
        search: 'remainingMs, enqueuedAtMs, grantedAtMs })\n',
        replace: 'remainingMs, enqueuedAtMs, grantedAtMs })\n    break\n',
      },
    ],
    plan: { queue: true, sharing: 'modes', names: 1, clients: 5 },
  },
  {
    name: 'readerOvertakesWriter',
    about: 'who fits is served, although a writer has waited for longer',
    where: 'locks',
    breaks: ['queue'],
    patches: [
      {
        file: LEASE_RULE,
        search: 'if (free < 1 || (alive && waiter.units > free)) break',
        replace: 'if (free < 1) break\n    if (alive && waiter.units > free) continue',
      },
    ],
    plan: { queue: true, sharing: 'modes', names: 1, clients: 5 },
  },
  {
    name: 'writerTakesOne',
    about: 'a writer is counted as a reader',
    where: 'locks',
    breaks: ['P1', 'P6'],
    patches: [
      {
        file: LEASE_RULE,
        search: '{ units, fence, untilMs, subscriber }\n    : { units,',
        replace: '{ units: 1, fence, untilMs, subscriber }\n    : { units: 1,',
      },
    ],
    plan: { queue: true, sharing: 'modes', names: 1, clients: 4 },
  },
  {
    name: 'shareForgotten',
    about: 'a waiter that asks again does not say how much it wants',
    where: 'locks',
    breaks: ['queue'],
    patches: [
      {
        file: 'core/src/lock/queued-attempt.ts',
        search: 'ttlMs, units, capacity, fences, waiter }',
        replace:
          'ttlMs, units: clock.now() > enqueue.sentAtMs ? 1 : units, capacity, fences, waiter }',
      },
    ],
    faults: { dropsMax: 3 },
    plan: { queue: true, sharing: 'modes', names: 1, clients: 4 },
  },
  {
    name: 'mismatchIgnored',
    about: 'a name takes the capacity of whoever asks',
    where: 'locks',
    breaks: ['P1', 'queue', 'P6'],
    patches: [
      {
        file: READINGS,
        search: 'return inUse && state.capacity !== capacity',
        replace: 'return inUse && state.capacity < 0',
      },
    ],
    plan: { queue: true, sharing: 'modes', strays: 0.4, names: 1, clients: 4 },
  },
  {
    name: 'onePermitTooMany',
    about: 'one more than there are permits is let in',
    where: 'locks',
    breaks: ['P1'],
    patches: [
      {
        file: LEASE_RULE,
        search: 'if (free < 1 || (alive && waiter.units > free)) break',
        replace: 'if (free < 0 || (alive && waiter.units > free + 1)) break',
      },
    ],
    plan: { queue: true, sharing: 'permits', names: 1, clients: 5 },
  },
  {
    name: 'expiredPermitKept',
    about: 'what a holder took is free again when it is given back, and not when its lease ends',
    where: 'locks',
    breaks: ['queue'],
    patches: [
      {
        file: LEASE_RULE,
        search: 'if (holder.untilMs <= nowMs) state',
        replace: 'if (holder.untilMs <= nowMs && state.holders.size === 1) state',
      },
    ],
    faults: { crash: 0.5 },
    plan: { queue: true, sharing: 'permits', names: 1, clients: 5, workers: 2 },
  },
  {
    name: 'releaseEndsAll',
    about: 'a release ends the leases of all who hold a permit',
    where: 'locks',
    breaks: ['P1'],
    patches: [
      {
        file: LEASE_STEP,
        search:
          'state.holders.delete(request.token)\n    const grants = grantFromHead(state, env)\n    return { reply: { state: released ? ',
        replace:
          'state.holders.delete(request.token)\n    if (released) state.holders.clear()\n    const grants = grantFromHead(state, env)\n    return { reply: { state: released ? ',
      },
    ],
    plan: { queue: true, sharing: 'permits', names: 1, clients: 5 },
  },
  {
    name: 'permitsAllOrNothing',
    about: 'permits that are free are kept back until all of them are',
    where: 'locks',
    breaks: ['queue', 'wait'],
    patches: [
      {
        file: READINGS,
        search: 'free -= holder.units',
        replace: 'free = Math.min(holder.units, 0)',
      },
    ],
    plan: { queue: true, sharing: 'permits', names: 1, clients: 4 },
  },
]
