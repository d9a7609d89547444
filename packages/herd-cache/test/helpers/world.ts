import type { Random } from '@locks/core'
import { type ManualClock, manualClock, seededRandom } from '@locks/core/testing'
import { type CacheEvent, HerdCache, type HerdCacheOptions, type Loader } from '../../src/index.ts'
import { encodeMark } from '../../src/tags/tag-mark.ts'
import { FakeStore } from './fake-store.ts'
import { type MachineTime, machineClock } from './machine-clock.ts'
import type { StoreLink } from './store-link.ts'

/** One service process: its cache, its wire to the store, and what it was told. */
export interface TestProcess {
  readonly cache: HerdCache
  readonly link: StoreLink
  readonly events: CacheEvent[]
  /** The types of the events so far. */
  told(): string[]
}

export type ProcessOptions = Partial<HerdCacheOptions> & { readonly machine?: MachineTime }

const YEARS_MS = 4 * 365 * 86_400_000

/** A store and any number of processes on one manual time line. */
export class World {
  readonly clock = manualClock()
  readonly store: FakeStore
  #processes = 0

  /** The store's clock may be off from everybody else's. */
  constructor(storeOffsetMs = 0) {
    this.store = new FakeStore(this.clock, this.clock.wall() + storeOffsetMs)
    // The namespace has been in use.
    const untilMs = this.store.nowMs() + YEARS_MS
    this.store.plant('test:t1:{*}', encodeMark({ version: 'everything-1', untilMs }), YEARS_MS)
  }

  start({ machine = {}, ...options }: ProcessOptions = {}): TestProcess {
    const link = this.store.connect()
    const events: CacheEvent[] = []
    const cache = new HerdCache({
      store: link,
      namespace: 'test',
      clock: machineClock(this.clock, machine),
      random: this.#random(),
      onEvent: (event) => events.push(event),
      // Tests of other things know the times to the millisecond.
      jitter: 0,
      early: false,
      loaderTimeout: '1h',
      waitTimeout: '30s',
      ...options,
    })
    return { cache, link, events, told: () => events.map(({ type }) => type) }
  }

  /** So many processes with the same options. */
  startMany(count: number, options: ProcessOptions = {}): TestProcess[] {
    return Array.from({ length: count }, () => this.start(options))
  }

  #random(): Random {
    const name = `p${++this.#processes}`
    const fraction = seededRandom(this.#processes).fraction
    let tokens = 0
    return { token: () => `${name}-${++tokens}`, fraction }
  }
}

/** The store's key of a plain name in the namespace of `World`. */
export const stored = (name: string): string => `test:c1:{${name}}`

/** How often a process has read the entry of a plain name. */
export const readsOf = (link: StoreLink, name: string): number =>
  link.sentOf('read').filter(({ key }) => key === stored(name)).length

/** A loader that takes its time on the clock; `calls` counts its runs, in all processes. */
export function slowLoader<T>(clock: ManualClock, takesMs: number, value: T | (() => T)) {
  const counted = Object.assign(
    async (): Promise<T> => {
      counted.calls++
      counted.startedAtMs.push(clock.elapsed)
      if (takesMs > 0) await new Promise<void>((resolve) => clock.after(takesMs, resolve))
      return typeof value === 'function' ? (value as () => T)() : value
    },
    { calls: 0, startedAtMs: [] as number[] },
  )
  return counted satisfies Loader<T>
}

/** A loader that ends when the test says so. */
export function heldLoader<T>() {
  const runs: { resolve: (value: T) => void; reject: (error: unknown) => void }[] = []
  const load = (): Promise<T> => new Promise((resolve, reject) => runs.push({ resolve, reject }))
  const latest = () => {
    const run = runs.at(-1)
    if (!run) throw new Error('the loader has not been called')
    return run
  }
  return {
    load,
    get calls() {
      return runs.length
    },
    resolve: (value: T) => latest().resolve(value),
    reject: (error: unknown) => latest().reject(error),
  }
}

/** `count` callers at once. */
export const callers = <T>(count: number, call: () => Promise<T>): Promise<T>[] =>
  Array.from({ length: count }, call)

/** The error of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<Error & { code?: string }> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error as Error & { code?: string },
  )
  if (!outcome) throw new Error('the call was expected to fail')
  return outcome
}
