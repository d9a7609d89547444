import { describe, expect, test } from '@jest/globals'
import { seededRandom } from '@locks/core/testing'
import type { Command, Fault } from './helpers/store-link.ts'
import { stored, type TestProcess, World } from './helpers/world.ts'

/** Of what the simulator does with more means: enough to see what goes wrong at once. */
const ROUNDS = 50

interface Odds {
  /** That a command of a kind meets a fault. */
  readonly fault: (command: Command, fraction: () => number) => Fault | undefined
}

const slow: Odds = {
  fault: (_, fraction) => ({ requestMs: 1 + fraction() * 20, replyMs: 1 + fraction() * 20 }),
}

const broken: Odds = {
  fault(_, fraction) {
    const chance = fraction()
    if (chance < 0.05) return { lose: 'request' }
    if (chance < 0.1) return { lose: 'reply' }
    // Executed long after this process has given it up.
    if (chance < 0.2) return { requestMs: 250 + fraction() * 2000 }
    if (chance < 0.25) return { reject: new Error('down') }
    return { requestMs: 1 + fraction() * 20, replyMs: 1 + fraction() * 20 }
  },
}

/** A row that is changed now and then, and a cache of it that is told of each change. */
class Row {
  readonly #world: World
  readonly #fraction: () => number
  version = 1
  /** No store read that starts from now on may return an older version than this. */
  oldest = 0
  loads = 0

  constructor(world: World, fraction: () => number) {
    this.#world = world
    this.#fraction = fraction
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#world.clock.after(this.#fraction() * ms, resolve))
  }

  load = async (): Promise<number> => {
    this.loads++
    const read = this.version
    await this.pause(this.#fraction() < 0.2 ? 2000 : 60)
    return read
  }

  /** Changes the row, then the cache; what cannot be confirmed is repeated until it can. */
  async change(writer: TestProcess): Promise<void> {
    const version = ++this.version
    for (;;) {
      try {
        if (this.#fraction() < 0.5) await writer.cache.delete('row')
        else await writer.cache.set('row', version)
        break
      } catch {
        await this.pause(10)
      }
    }
    this.oldest = version
  }
}

async function readAlong(row: Row, process: TestProcess, reads: number): Promise<void> {
  for (let read = 0; read < reads; read++) {
    await row.pause(100)
    void process.cache.getOrSet('row', row.load)
    const oldest = row.oldest
    const seen = await process.cache.get<number>('row')
    if (seen !== undefined) expect(seen).toBeGreaterThanOrEqual(oldest)
  }
}

async function changeAlong(row: Row, writers: readonly TestProcess[], changes: number) {
  for (let change = 0; change < changes; change++) {
    await row.pause(300)
    await row.change(writers[change % writers.length] as TestProcess)
  }
}

async function round(seed: number, odds: Odds): Promise<number> {
  const world = new World()
  const fraction = seededRandom(seed).fraction
  const processes = world.startMany(3, { ttl: 400, grace: 300, lease: 600 })
  for (const { link } of processes) link.always((command) => odds.fault(command, fraction))
  const row = new Row(world, fraction)
  const readers = processes.map((process) => readAlong(row, process, 12))
  await world.clock.until(Promise.all([...readers, changeAlong(row, processes, 5)]))
  // Whatever is still under way, the cache ends up without the past.
  for (let look = 0; look < 20; look++) {
    await world.clock.advance(200)
    const entry = world.store.entry(stored('row'))
    const left = await world.start().cache.get<number>('row')
    if (entry && left !== undefined) expect(left).toBeGreaterThanOrEqual(row.oldest)
  }
  return row.loads
}

describe('whatever the order in which commands arrive', () => {
  test.each([
    ['slow', slow],
    ['slow, lost, refused and late', broken],
  ])('no read returns what was deleted or replaced before it: %s commands', async (_, odds) => {
    let loads = 0
    for (let seed = 1; seed <= ROUNDS; seed++) {
      try {
        loads += await round(seed, odds)
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error })
      }
    }
    expect(loads).toBeGreaterThan(ROUNDS)
  })
})
