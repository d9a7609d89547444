import { type CacheState, cacheStep, freeLease, leaseStep } from '@locks/core/spec'
import fc from 'fast-check'
import type { Operation } from '../src/index.ts'
import { hold, op } from './history-of.ts'

/** A moment, and how long before it its operation begins and after it ends. */
const moment = fc.record({
  gapMs: fc.integer({ min: 1, max: 300 }),
  beforeMs: fc.integer({ min: 0, max: 200 }),
  afterMs: fc.integer({ min: 0, max: 200 }),
  process: fc.constantFrom('p1', 'p2', 'p3'),
})

const token = fc.constantFrom('t1', 't2', 't3')
const ttlMs = fc.constantFrom(30, 200, 1000)
/** What becomes of a command and its reply. */
const fate = fc.constantFrom('well', 'well', 'well', 'reply lost', 'request lost')

const leaseCommand = fc.record({
  ...{ moment, token, ttlMs, fate },
  command: fc.constantFrom('acquire', 'extend', 'release', 'inspect', 'steal'),
})
type LeaseCommand = typeof leaseCommand extends fc.Arbitrary<infer T> ? T : never

/** Commands that a correct lease store has run one by one, each at one moment of its time. */
export const leaseRun = fc
  .array(leaseCommand, { minLength: 1, maxLength: 12 })
  .map((commands) => runLeases(commands).operations)

const LIES = [
  ['acquire', 'x', { state: 'granted', fence: Number.MAX_SAFE_INTEGER }],
  ['release', 'x', { state: 'released' }],
  ['release', 'x', { state: 'absent' }],
  ['extend', 'x', { state: 'extended' }],
  ['extend', 'y', { state: 'taken' }],
  ['release', 'y', { state: 'absent' }],
  ['acquire', 'y', { state: 'granted', fence: 5 }],
  ['acquire', 'y', { state: 'held' }],
  ['inspect', 'x', { holders: [] }],
] as const

/** The same with every reply, then a grant to `y`, and a reply that cannot be. */
export const brokenLeaseRun = fc
  .tuple(fc.array(leaseCommand, { maxLength: 12 }), fc.constantFrom(...LIES))
  .map(([commands, [command, stranger, reply]]) => {
    const { operations, state, nowMs } = runLeases(
      commands.map((each) => ({ ...each, fate: 'well' })),
    )
    const atMs = nowMs + 201
    const fence = atMs * 1000
    const lie = { key: 'a', command, request: { token: stranger, ttlMs: 100 } }
    const theft = { key: 'a', command: 'steal', request: { token: 'y', ttlMs: 10_000 } }
    return [
      ...operations,
      op('p9', [atMs, atMs + 1], 'lease', theft, {
        is: 'replied',
        reply: { state: 'granted', fence: Math.max(fence, state.fence + 1) },
      }),
      op('p9', [atMs + 2, atMs + 3], 'lease', lie, { is: 'replied', reply }),
    ]
  })

function runLeases(commands: readonly LeaseCommand[]) {
  const state = freeLease()
  let nowMs = 1000
  const operations = commands.map(({ command, fate: what, token: own, ttlMs: ttl, moment: at }) => {
    nowMs += at.gapMs
    const request = { token: own, ttlMs: ttl }
    const env = { nowUs: nowMs * 1000, alive: () => true }
    const run = () =>
      command === 'inspect'
        ? leaseStep.inspect(state, env)
        : leaseStep[command as 'acquire'](state, request, env)
    const reply = what === 'request lost' ? undefined : run().reply
    const times = [nowMs - at.beforeMs, nowMs + at.afterMs] as const
    const asked = { key: 'a', command, request }
    const told = { is: 'replied', reply: JSON.parse(JSON.stringify(reply ?? null)) } as const
    return op(at.process, times, 'lease', asked, what === 'well' ? told : { is: 'unknown' })
  })
  return { operations, state, nowMs }
}

const cacheCommand = fc.record({
  ...{ moment, token, ttlMs, fate },
  command: fc.constantFrom('read', 'lease', 'renew', 'commit', 'write', 'compareAndSet', 'remove'),
})

/** The same for a cache store. */
export const cacheStoreRun = fc
  .array(cacheCommand, { minLength: 1, maxLength: 12 })
  .map((commands) => {
    const state: CacheState = {}
    let nowMs = 1000
    return commands.map(({ command, fate: what, token: own, ttlMs: ttl, moment: at }, index) => {
      nowMs += at.gapMs
      const isWrite = command === 'write' || command === 'compareAndSet'
      const request = {
        token: isWrite ? `w${index}` : own,
        ttlMs: ttl,
        leaseMs: ttl,
        ...(command === 'compareAndSet' && { expected: state.entry?.version }),
      }
      const reply = what === 'request lost' ? null : runCache(state, command, request, nowMs)
      const times = [nowMs - at.beforeMs, nowMs + at.afterMs] as const
      const asked = { key: 'a', command, request }
      const told = { is: 'replied', reply: JSON.parse(JSON.stringify(reply)) } as const
      return op(at.process, times, 'cache', asked, what === 'well' ? told : { is: 'unknown' })
    })
  })

interface CacheRequest {
  readonly token: string
  readonly ttlMs: number
  readonly leaseMs: number
  readonly expected?: string | undefined
}

function runCache(state: CacheState, command: string, request: CacheRequest, nowMs: number) {
  const full = { expected: undefined, ...request, data: new Uint8Array() }
  switch (command) {
    case 'read':
      return { version: cacheStep.read(state, nowMs)?.version ?? null }
    case 'lease':
      return cacheStep.lease(state, request, nowMs)
    case 'renew':
      return cacheStep.renew(state, request.token, request.leaseMs, nowMs)
    case 'commit':
      return cacheStep.commit(state, full, nowMs)
    case 'write':
      return cacheStep.write(state, full, nowMs)
    case 'compareAndSet':
      return cacheStep.compareAndSet(state, full, nowMs)
    default:
      return cacheStep.remove(state, nowMs)
  }
}

export interface Stint {
  readonly process: string
  readonly waitMs: number
  readonly fromMs: number
  readonly untilMs: number
  readonly fence: number
  readonly fate: 'written' | 'unknown, but done' | 'unknown, and not done' | 'rejected'
}

/** Holders of one lock, one after the other; each adds to a set and a counter. */
export const stints: fc.Arbitrary<readonly Stint[]> = fc
  .array(
    fc.record({
      process: fc.constantFrom('p1', 'p2', 'p3'),
      waitMs: fc.integer({ min: 1, max: 500 }),
      gapMs: fc.integer({ min: 0, max: 100 }),
      holdMs: fc.integer({ min: 4, max: 300 }),
      fate: fc.constantFrom<Stint['fate']>(
        'written',
        'written',
        'unknown, but done',
        'unknown, and not done',
        'rejected',
      ),
    }),
    { minLength: 2, maxLength: 20 },
  )
  .map((drawn) => {
    let nowMs = 1000
    return drawn.map(({ gapMs, holdMs, ...rest }, index) => {
      const fromMs = nowMs + gapMs
      nowMs = fromMs + holdMs
      return { ...rest, fromMs, untilMs: nowMs, fence: 10 * index }
    })
  })

/** What is recorded of them, and what is in the end read of the guarded resources. */
export function lockRun(drawn: readonly Stint[]): Operation[] {
  let count = 0
  const elements: string[] = []
  const work = drawn.flatMap(({ process, waitMs, fromMs, untilMs, fence, fate: what }, index) => {
    const isDone = what === 'written' || what === 'unknown, but done'
    const value = count + 1
    const element = `e${index}`
    if (isDone) {
      count++
      elements.push(element)
    }
    const times = [fromMs + 1, untilMs - 1] as const
    const outcome = { is: what.startsWith('unknown') ? 'unknown' : what } as { is: 'written' }
    return [
      ...hold(process, `t${index}`, [fromMs, untilMs], { fence, askedMs: fromMs - waitMs }),
      op(process, times, 'add-to-set', { set: 's', element, fence }, outcome),
      op(process, times, 'write-counter', { counter: 'n', value, fence }, outcome),
    ]
  })
  const endMs = (drawn.at(-1)?.untilMs ?? 0) + 10_000
  const times = [endMs, endMs] as const
  return [
    ...work,
    op('p9', times, 'read-set', { set: 's' }, { is: 'seen', elements }),
    op('p9', times, 'read-counter', { counter: 'n' }, { is: 'seen', value: count }),
    op('p9', times, 'inspect', { lock: 'a' }, { is: 'seen', holders: [], waiters: 0 }),
  ]
}

const FRESH_MS = 150

/** What a correct cache does, with the moments of its changes and reads in their order. */
export const cacheRun: fc.Arbitrary<readonly Operation[]> = fc
  .array(fc.record({ moment, what: fc.constantFrom('set', 'delete', 'get', 'getOrSet') }), {
    minLength: 2,
    maxLength: 20,
  })
  .map((drawn) => {
    const key = 'k'
    let nowMs = 1000
    let value: string | undefined
    let freshUntilMs = Number.POSITIVE_INFINITY
    return drawn.flatMap(({ moment: { gapMs, beforeMs, afterMs, process }, what }, index) => {
      nowMs += gapMs
      const times = [nowMs - beforeMs, nowMs + afterMs] as const
      if (value !== undefined && nowMs > freshUntilMs) value = undefined
      if (what === 'delete') {
        value = undefined
        return [op(process, times, 'delete', { key }, { is: 'done' })]
      }
      if (what === 'set') {
        value = `v${index}`
        freshUntilMs = Number.POSITIVE_INFINITY
        return [op(process, times, 'set', { key, value }, { is: 'done' })]
      }
      const found = () => ({ is: 'found', value: value as string }) as const
      if (value !== undefined) return [op(process, times, what as 'get', { key }, found())]
      if (what === 'get') return [op(process, times, 'get', { key }, { is: 'absent' })]
      value = `v${index}`
      const load = [nowMs, nowMs + gapMs] as const
      nowMs += gapMs
      freshUntilMs = nowMs + FRESH_MS
      return [
        op(process, load, 'load', { key, freshMs: FRESH_MS }, { is: 'loaded', value }),
        op(process, [load[0] - beforeMs, nowMs], 'getOrSet', { key }, found()),
      ]
    })
  })
