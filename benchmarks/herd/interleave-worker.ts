import { sleep } from '../harness/clock.ts'
import { serve } from '../harness/serve.ts'
import { LONG } from './contender.ts'
import { loadContender } from './contenders.ts'
import { oursOn } from './ours-on.ts'

export interface Interleavings {
  /** A library on Redis, or the backend of ours. */
  readonly contender: string
  readonly url: string
  readonly count: number
}

export interface InterleavingsResult {
  /** After everything had come to rest, the cache still gave what the last delete had come after. */
  readonly staleAfterDelete: number
  /** The same of the last set; `undefined` from a library that has none. */
  readonly staleAfterSet: number | undefined
}

const AT_ONCE = 50
const LOAD_MS = 20

/**
 * Loads of one value by two caches, and two changes of it, each a delete or a set, in random order; a
 * third cache looks afterwards.
 */
async function interleave({ contender, url, count }: Interleavings): Promise<InterleavingsResult> {
  const { connect } = oursOn(contender) ?? (await loadContender(contender))
  const open = () => connect(url, { ...LONG, patient: true })
  const [one, two, judge] = await Promise.all([open(), open(), open()])
  const run = async (round: number) => {
    const key = `interleaved-${round}`
    let version = 1
    const load = async () => {
      const read = version
      await sleep(Math.random() * LOAD_MS)
      return { version: read }
    }
    const ask = async (cache: typeof one) => {
      await sleep(Math.random() * LOAD_MS)
      await cache.getOrLoad(key, load)
    }
    let lastIsSet = false
    const change = async () => {
      await sleep(Math.random() * LOAD_MS)
      version++
      const cache = Math.random() < 0.5 ? one : two
      lastIsSet = cache.set !== undefined && Math.random() < 0.5
      if (lastIsSet) await cache.set?.(key, { version })
      else await cache.remove(key)
    }
    await Promise.all([ask(one), ask(two), change().then(change)])
    // What is written in the background has its time.
    await sleep(50)
    const left = (await judge.getOrLoad(key, load)) as { version: number }
    return { lastIsSet, isStale: left.version < version }
  }
  const ends: Awaited<ReturnType<typeof run>>[] = []
  for (let round = 0; round < count; round += AT_ONCE) {
    const rounds = Array.from({ length: Math.min(AT_ONCE, count - round) }, (_, i) =>
      run(round + i),
    )
    ends.push(...(await Promise.all(rounds)))
  }
  const stale = ends.filter(({ isStale }) => isStale)
  return {
    staleAfterDelete: stale.filter(({ lastIsSet }) => !lastIsSet).length,
    staleAfterSet: one.set && stale.filter(({ lastIsSet }) => lastIsSet).length,
  }
}

await serve({ interleave })
